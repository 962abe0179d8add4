"""What a task is: the types of examples, gold, answers, metrics and the task itself. No model code, no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.common.errors import Problem
from xharness.tasks.recipe import Recipe, Selection
from xharness.tasks.types.base import TaskType

__all__ = ["Recipe", "Selection"]  # with everything that is defined here: what a task is declared by

FloatArray: TypeAlias = NDArray[np.float64]


# Opaque outside of the modules of a task's type: whoever branches on them there does not pass the type checker.
Example: TypeAlias = object
Gold: TypeAlias = object
Answers: TypeAlias = object
AnyTaskType: TypeAlias = TaskType[Any, Any, Any]
"""A type whose examples, gold and answers are opaque to who holds it."""


# --- metrics ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Items:
    """Per-item sufficient statistics of one cell; everything that intervals and paired tests need.

    Attributes:
        ids: One id an item. Within a task whose languages are parallel, equal ids in two languages mean translations.
        clusters: One key an item; items of one cluster (a paragraph) are resampled together.
        statistics: Shape (items, columns of the metric).
    """

    ids: tuple[str, ...]
    clusters: tuple[str, ...]
    statistics: FloatArray


class Metric(Protocol):
    """Per-item statistics plus a pure aggregate (the design of sacrebleu's metrics)."""

    @property
    def name(self) -> str:
        """Short name for signatures, with the variant that makes it unmistakable."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of :attr:`Items.statistics`."""

    @property
    def official_scores(self) -> tuple[str, ...]:
        """Score names of the official scorer, in its order."""

    @property
    def primary_scores(self) -> tuple[str, ...]:
        """The official scores whose mean is the task's number (``avg_metric``)."""

    def measure(self, gold: Any, answers: Any, language: str) -> Items:
        """Compare answers with gold, both as the task's type has them, item by item.

        Lengths must agree (checked by ``submissions`` beforehand). Their types are the metric's own: ``Any`` here, so
        that an implementation may name them.
        """

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Scores in percent from summed counts of shape (..., columns): official ones first, then the variants."""


# --- reading ---------------------------------------------------------------------------------------------------------


OTHER_LANGUAGES = "of other languages"
MALFORMED = "malformed"


@dataclass(frozen=True)
class Rows:
    """What became of everything that a file holds.

    Attributes:
        file: The file.
        unit: What is counted: row, line, sentence or question.
        read: How many there are; headers and comments are none.
        left_out: How many of them are in no example, by reason: :data:`OTHER_LANGUAGES`, :data:`MALFORMED` (each is a
            problem as well), or what a user should know.
    """

    file: Path
    unit: str
    read: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def used(self) -> int:
        """How many are in an example."""
        return self.read - sum(self.left_out.values())


class LossNote(str):
    """A note that something is left out or cannot be compared; shown before others."""

    __slots__ = ()


class LayoutNote(str):
    """A note on which of several layouts was read; no news to who has just fetched the files."""

    __slots__ = ()


@dataclass(frozen=True)
class Split:
    """What a reader found for one task, language and split.

    Attributes:
        examples: One entry an example; a single entry for retrieval and mining.
        gold: Gold answers where the file itself carries them, else None.
        files: Every file that was read, for hashing.
        problems: Every malformed line. A split with problems must not be evaluated.
        notes: What a user should know (a dropped sentence, a file taken from upstream).
        rows: What became of the rows of each file; empty if the reader does not count.
    """

    examples: Sequence[Any]  # of the task's type, which readers and their callers know
    gold: Any
    files: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    rows: tuple[Rows, ...] = ()


class Reader(Protocol):
    """Finds and reads the files of one task under ``download/<task>``."""

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files that hold this language and split; empty if there are none.

        Reads no more than it must to know which languages a file of several holds.
        """

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:
        """Read what :meth:`find` found. ``keep_csv_quotes`` reproduces the reference's csv-quoting trap.

        Raises:
            FileNotFoundError: nothing is there.
        """


# --- the task --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RankingInputs:
    """How the texts of a ranking task are made and cut, as every number of it says; candidates have ``max_length``.

    Attributes:
        template: What a query and a candidate are made of.
        separator: What stands between the parts of a candidate: ``none`` or ``space``.
        query_length: Longest query in word pieces.
        half_precision: Vectors of candidates are kept in half precision, because they are so many.
    """

    template: str
    separator: str
    query_length: int
    half_precision: bool = False


@dataclass(frozen=True, kw_only=True)
class RetrievalProtocol:
    """Which encoder answers a retrieval task, and how it makes vectors.

    Attributes:
        trained_on: The task that the last phase of the encoder trained on.
        layer: The block, in the words of ``--layer``.
        pooling: How tokens become a vector, in the words of ``--pooling``; ``pooler`` for the output of the pooler that
            a dual encoder was trained with.
    """

    trained_on: str
    layer: str
    pooling: str


INTERMEDIATE = "intermediate"  # the group of tasks that are only trained on
NEWER = "newer"  # the group of newer benchmarks, which no total counts
DIAGNOSTICS = "diagnostics"  # the group of tasks that no benchmark counts and nothing is trained on


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Dev examples of one task that are test items of another one.

    Attributes:
        test: The task whose test items they are.
        fingerprints: Of their texts (:func:`xharness.tasks.overlaps.fingerprint`): hashes, never the texts.
    """

    test: str
    fingerprints: frozenset[str]


class Combination(Protocol):
    """Cells whose examples are made of those of other cells, which are there already."""

    def parts(self, language: str) -> Sequence[tuple[Task, str]]:
        """Task and language of each cell that a cell is made of; the gold is that of the first."""

    def join(self, parts: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """One example of each row of the parts, which have equally many."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task, declared once. Frozen: everything that runs, scores or shows a task reads it from here.

    Attributes:
        name: Folder name in data and submission.
        type: How it is answered.
        group: Leaderboard group: classification, tagging, qa or retrieval; :data:`INTERMEDIATE` if it is only
            trained on, :data:`DIAGNOSTICS` if it only tells what a model can do.
        languages: In the official scorer's order, which fixes the order of averages.
        beside: Languages that no benchmark scores: evaluated where they are named, and in no average.
        reader: None for a task that can be scored but not answered yet.
        labels: Label set in the reference's order; empty if the task has none.
        label_aliases: Other spellings (lower case) that checkpoints and older data use, mapped to ours.
        choices: How many choices each question of a multiple-choice task has; 0 where they differ.
        unanswerable: Some questions have no answer in their text.
        aligned: Bitext whose two sides are translations line by line, so that there are as many candidates as queries.
        parallel: Items with equal ids are translations of each other across languages.
        published: Test examples per language as published, where known.
        recipe: The reference's; None for a task that nothing is trained on.
        check_training: Refuses English training examples that are not what the task is trained on, or adds notes.
        translated: Reads a file of machine-translated training examples, given its language, in the shapes in which
            they are published; None where none are.
        jiant: That of the scripts published with jiant 2; None where those have none, or where it is ``recipe``.
        trains_on: The task whose English training data a model for this one is trained on, if not its own.
        combination: What its cells are made of, if they have no files of their own.
        data_of: Tasks, or parts such as ``xcopa/en``, whose files hold its data, if not those of its own name.
        not_fetched: For a task whose data no source has: why, and what to do.
        suite_folders: Names of a suite's sub-folders that answer this task, best first.
        data_folders: Other names that the task's data folder goes by; ``.`` is the folder that holds several.
        reference: Published averages of known models in percent, quoted from ``reference_source``.
        overlaps: What of its dev is the test of another task; no step is chosen on it.
        ranking: Of a ranking task; None for every other.
        protocols: By name, those that a user may ask for; without one the encoder is taken as it is.
        protocol: The name of the one that was asked for; empty for none.
        demo: What writes its files of the demo world, ``module:function`` of :mod:`xharness.demo`; empty for none.
        sample: An example of (input, line of the output file) for people, made up.
        max_length: Longest input in word pieces, as in the reference.
        signature: What its numbers say beside what all numbers say.
    """

    name: str
    title: str
    type: AnyTaskType
    group: str
    languages: tuple[str, ...]
    metric: Metric
    reader: Reader | None
    citation: str
    licence: str
    source: str
    sample: tuple[str, str]
    max_length: int
    labels: tuple[str, ...] = ()
    label_aliases: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    choices: int = 0
    unanswerable: bool = False
    aligned: bool = False
    parallel: bool = False
    published: Mapping[str, int] = field(default_factory=dict)
    recipe: Recipe | None = None
    jiant: Recipe | None = None
    trains_on: str = ""
    check_training: Callable[[Split], Split] | None = None
    translated: Callable[[Path, str], Split] | None = None
    combination: Combination | None = None
    data_of: tuple[str, ...] = ()
    not_fetched: tuple[str, str] | None = None
    suite_folders: tuple[str, ...] = ()
    data_folders: tuple[str, ...] = ()
    reference: Mapping[str, float] = field(default_factory=dict)
    reference_source: str = ""
    overlaps: tuple[Overlap, ...] = ()
    ranking: RankingInputs | None = None
    protocols: Mapping[str, RetrievalProtocol] = field(default_factory=dict)
    protocol: str = ""
    signature: Mapping[str, str] = field(default_factory=dict)
    demo: str = ""

    def __hash__(self) -> int:
        return hash(self.name)

    def file_name(self, language: str, split: str = "test") -> str:
        """Name of the prediction (and gold) file of one language, e.g. ``test-de.tsv``."""
        return f"{split}-{language}.{self.type.extension}"
