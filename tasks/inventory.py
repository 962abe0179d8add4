"""What a data folder holds, cell by cell, against what was published."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from xharness.tasks.base import Rows, Task
from xharness.tasks.common.errors import Problem
from xharness.tasks.data import DataFolder
from xharness.tasks.registry import languages_of

SPLITS = ("test", "dev", "train")


@dataclass(frozen=True)
class CellCounts:
    """One split of one task and language.

    Attributes:
        examples: Number of examples: pairs, sentences, questions; for retrieval queries, for mining source sentences.
        targets: Number of English sentences for mining, else None.
        gold: Number of gold entries, None without gold.
        gold_source: As in :class:`xharness.tasks.data.CellData`.
        published: The number that was published for test, None where none is known. For mining it counts gold pairs.
        matches: Whether the number here is the published one; None where that cannot be known.
        rows: What became of the rows of its files.
    """

    task: Task
    language: str
    split: str
    examples: int
    targets: int | None
    gold: int | None
    gold_source: str
    published: int | None
    matches: bool | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    rows: tuple[Rows, ...]


@dataclass(frozen=True)
class Summary:
    """One task: languages without test examples, and those with examples but without gold.

    Attributes:
        present: Languages with test examples; ``scored`` are those of them that count.
    """

    task: Task
    present: tuple[str, ...]
    scored: tuple[str, ...]
    missing: tuple[str, ...]
    without_gold: tuple[str, ...]
    splits: dict[str, tuple[str, ...]]


CellName = tuple[Task, str, str]
"""Task, language and split."""


def cells(folder: DataFolder, tasks: Iterable[Task], languages: Collection[str] | None = None) -> list[CellName]:
    """Every cell that is there, in the order of tasks and languages. English is looked for in every task.

    ``languages`` restricts them; None means all. Reads no file.
    """
    return [
        (task, language, split)
        for task in tasks
        for language in dict.fromkeys((*languages_of(task), "en"))
        if languages is None or language in languages
        for split in SPLITS
        if folder.holds(task, language, split)
    ]


def count(folder: DataFolder, name: CellName) -> CellCounts:
    """Number of examples, targets and gold of a cell, beside what was published; reads all its files."""
    task, language, split = name
    data = folder.load(task, language, split)
    published = task.published.get(language) if split == "test" else None
    counted = task.type.published_size(data.examples, data.gold)
    return CellCounts(
        task=task,
        language=language,
        split=split,
        examples=task.type.size(data.examples),
        targets=task.type.targets(data.examples),
        gold=None if data.gold is None else task.type.gold_size(data.gold),
        gold_source=data.gold_source,
        published=published,
        matches=None if published is None or counted is None else counted == published,
        problems=data.problems,
        notes=data.notes,
        rows=data.rows,
    )


def summarise(
    task: Task, cells: Sequence[CellCounts], counted: Sequence[str], languages: Collection[str] | None = None
) -> Summary:
    """What is there and what is missing of the languages that count; ``languages`` restricts what can be missing."""
    own = [cell for cell in cells if cell.task.name == task.name]
    tests = {cell.language: cell for cell in own if cell.split == "test"}
    wanted = [language for language in counted if languages is None or language in languages]
    return Summary(
        task=task,
        present=tuple(tests),
        scored=tuple(language for language in tests if language in counted),
        missing=tuple(language for language in wanted if language not in tests),
        without_gold=tuple(language for language, cell in tests.items() if cell.gold is None),
        splits={split: tuple(cell.language for cell in own if cell.split == split) for split in SPLITS},
    )
