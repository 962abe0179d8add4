"""MultiNLI's dev sets: the matched one whole, and by genre, five of the training data and five that are not in it."""

from dataclasses import replace

from xharness.tasks.base import DIAGNOSTICS, Task
from xharness.tasks.intermediate.mnli import TASK as MNLI_TASK
from xharness.tasks.readers.beside import BesideReader, SelectedReader
from xharness.tasks.readers.nli import MNLI, NliReader

SEEN = ("fiction", "government", "slate", "telephone", "travel")
UNSEEN = ("facetoface", "letters", "nineeleven", "oup", "verbatim")
FOLDERS = ("mnli", *MNLI_TASK.data_folders)


def _dev(name: str, title: str, reader: SelectedReader | NliReader, split: str) -> Task:
    return replace(
        MNLI_TASK,
        name=f"mnli-{name}",
        title=f"{MNLI_TASK.title}: {title}",
        group=DIAGNOSTICS,
        reader=BesideReader(reader, FOLDERS, test=split),
        translated=None,
        recipe=None,
        trains_on=MNLI_TASK.name,
        data_folders=FOLDERS,
        suite_folders=("mnli", "xnli"),
        demo="",
    )


def _genre(genre: str) -> Task:
    title = genre if genre in SEEN else f"{genre}, not in training"
    split = "dev" if genre in SEEN else "dev_mismatched"
    return _dev(genre, title, SelectedReader(NliReader((MNLI,)), "genre", genre), split)


MATCHED = _dev("matched", "dev, matched genres", NliReader((MNLI,)), "dev")
"""All of the genres of the training data, also where files do not tell genres."""

TASKS = (MATCHED, *map(_genre, (*SEEN, *UNSEEN)))
