"""MultiNLI's dev sets by genre: five genres of the training data, and five that are not in it."""

from dataclasses import replace

from xharness.tasks.base import DIAGNOSTICS, Task
from xharness.tasks.intermediate.mnli import TASK as MNLI_TASK
from xharness.tasks.readers.beside import BesideReader, SelectedReader
from xharness.tasks.readers.nli import MNLI, NliReader

SEEN = ("fiction", "government", "slate", "telephone", "travel")
UNSEEN = ("facetoface", "letters", "nineeleven", "oup", "verbatim")
FOLDERS = ("mnli", *MNLI_TASK.data_folders)


def _genre(genre: str) -> Task:
    reader = SelectedReader(NliReader((MNLI,)), "genre", genre)
    return replace(
        MNLI_TASK,
        name=f"mnli-{genre}",
        title=f"{MNLI_TASK.title}: {genre}{'' if genre in SEEN else ', not in training'}",
        group=DIAGNOSTICS,
        reader=BesideReader(reader, FOLDERS, test="dev" if genre in SEEN else "dev_mismatched"),
        translated=None,
        recipe=None,
        trains_on=MNLI_TASK.name,
        data_folders=FOLDERS,
        suite_folders=("mnli", "xnli"),
        demo="",
    )


TASKS = tuple(map(_genre, (*SEEN, *UNSEEN)))
