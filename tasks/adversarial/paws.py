"""PAWS against QQP: pairs whose words are the same and whose meaning may differ, beside pairs as people ask them."""

from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import DIAGNOSTICS, Metric, Reader, Task
from xharness.tasks.intermediate.paws import TASK as PAWS
from xharness.tasks.intermediate.qqp import TASK as QQP
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.beside import BesideReader
from xharness.tasks.readers.english import PawsReader
from xharness.tasks.readers.layout import search
from xharness.tasks.readers.qqp import QqpReader
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION


@dataclass(frozen=True)
class PawsQqpReader(PawsReader):
    """``dev_and_test.tsv``, which the authors' script makes of QQP (Zhang et al. 2019)."""

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The one file."""
        return search(folder, "dev_and_test.tsv") if (language, split) == ("en", "test") else ()


def _paraphrase(name: str, title: str, like: Task, metric: Metric, reader: Reader, size: int) -> Task:
    return Task(
        name=name,
        title=title,
        type=TEXT_CLASSIFICATION,
        group=DIAGNOSTICS,
        languages=("en",),
        metric=metric,
        reader=reader,
        data_folders=FOLDERS[name],
        labels=like.labels,
        label_aliases=like.label_aliases,
        published={"en": size},
        max_length=128,
        trains_on=like.name,
        suite_folders=("pawsx", "paws", "qqp"),
        sample=like.sample,
        citation=like.citation,
        licence=like.licence,
        source=like.source,
    )


FOLDERS = {
    "paws-wiki": ("paws", "paws_wiki_labeled_final"),
    "paws-qqp": ("paws_qqp",),
    "qqp-dev": ("qqp", "QQP"),
}

TASKS = (
    _paraphrase(
        "paws-wiki", "PAWS of Wikipedia, test", PAWS, Accuracy(),
        BesideReader(PawsReader(), FOLDERS["paws-wiki"]), 8000,
    ),
    _paraphrase(
        "paws-qqp", "PAWS of Quora's questions, dev and test", PAWS, Accuracy(),
        BesideReader(PawsQqpReader(), FOLDERS["paws-qqp"]), 677,
    ),
    _paraphrase(
        "qqp-dev", "Quora Question Pairs, dev (test has no labels)", QQP, QQP.metric,
        BesideReader(QqpReader(), FOLDERS["qqp-dev"], test="dev"), 40430,
    ),
)  # fmt: skip
