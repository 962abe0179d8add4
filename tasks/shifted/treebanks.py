"""Parts of speech by treebank: those that are English in UDPOS, and the parallel ones of 16 languages (PUD)."""

from dataclasses import dataclass, replace
from pathlib import Path

from xharness.tasks.base import DIAGNOSTICS, Task
from xharness.tasks.readers.beside import BesideReader
from xharness.tasks.readers.tagged import UdposReader
from xharness.tasks.udpos import TASK as UDPOS

DOMAINS = {
    "ewt": "web, as in training",
    "gum": "several, in part spoken",
    "lines": "literature and manuals",
    "partut": "law and wiki",
    "pud": "news and wiki, parallel",
}
PARALLEL = ("ar", "de", "en", "es", "fi", "fr", "hi", "id", "it", "ja", "ko", "pt", "ru", "th", "tr", "zh")


@dataclass(frozen=True)
class TreebankReader(UdposReader):
    """One treebank in CoNLL-U, by the name behind the language: ``en_ewt-ud-test.conllu`` is ``ewt``."""

    treebank: str = ""

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:  # noqa: ARG002
        """None: XTREME's files do not tell treebanks."""
        return ()

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files of the treebank."""
        name = f"{language}_{self.treebank}-"
        return tuple(path for path in super().upstream(folder, language, split) if path.name.startswith(name))


def _treebank(name: str) -> Task:
    return replace(
        UDPOS,
        name=f"udpos-{name}",
        title=f"{UDPOS.title}: {name.upper()} ({DOMAINS[name]})",
        group=DIAGNOSTICS,
        languages=PARALLEL if name == "pud" else ("en",),
        reader=BesideReader(TreebankReader(treebank=name), (UDPOS.name,)),
        parallel=name == "pud",
        published={},
        recipe=None,
        jiant=None,
        trains_on=UDPOS.name,
        data_folders=(UDPOS.name,),
        reference={},
        reference_source="",
        demo="",
    )


TASKS = tuple(map(_treebank, DOMAINS))
