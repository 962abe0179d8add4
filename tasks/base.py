"""What a task is: the types of examples, gold, answers, metrics and the task itself. No model code, no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tasks.errors import Problem

FloatArray: TypeAlias = NDArray[np.float64]


class Kind(StrEnum):
    """How a model answers a task; decides the head that is needed."""

    PAIR = "pair classification"
    TAGGING = "tagging"
    SPAN = "span answering"
    CHOICE = "multiple choice"
    RETRIEVAL = "sentence retrieval"
    MINING = "mining"
    RANKING = "ranking"
    MASKED = "masked language modelling"


class Format(StrEnum):
    """The shape of a prediction file (and, but for ANSWERS, of the gold file beside it)."""

    LABELS = "labels"  # one label a line
    TAGS = "tags"  # one tag a line, an empty line between sentences
    ANSWERS = "answers"  # JSON object: question id -> text; gold is SQuAD JSON
    INDICES = "indices"  # one 0-based line number a line
    PAIRS = "pairs"  # source id TAB target id
    CHOICES = "choices"  # JSON lines with an integer "label"
    RANKINGS = "rankings"  # JSON object: example id -> list of entity ids

    @property
    def extension(self) -> str:
        """File name extension that the leaderboard expects."""
        return {Format.ANSWERS: "json", Format.RANKINGS: "json", Format.CHOICES: "jsonl"}.get(self, "tsv")


# --- examples: what a model sees -------------------------------------------------------------------------------------
#
# ``facts`` says where an example comes from ({"source": "snli"}, {"round": "R2"}); models do not see it.


@dataclass(frozen=True, slots=True)
class SentencePair:
    """Two texts to be classified together. ``label`` is None where the file does not carry it."""

    id: str
    first: str
    second: str
    label: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A pre-tokenised sentence. ``tags`` has one entry a word, or is None where the file does not carry them."""

    id: str
    words: tuple[str, ...]
    tags: tuple[str, ...] | None = None
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class SpanQuestion:
    """A question about a context. ``answers`` are (text, 0-based character offset); empty where blanked."""

    id: str
    question: str
    context: str
    answers: tuple[tuple[str, int], ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """A premise, a question and the texts to choose from. ``label`` is the 0-based index of the right one."""

    id: str
    premise: str
    question: str
    choices: tuple[str, ...]
    label: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def first(self) -> str:
        """The first text of each pair that a model reads: premise and question, as far as there are any."""
        return " ".join(part for part in (self.premise, self.question) if part)


@dataclass(frozen=True, slots=True)
class Bitext:
    """Tatoeba: for each query (English) find its translation among the candidates (the other language)."""

    queries: tuple[str, ...]
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpora:
    """BUCC: two monolingual corpora with some translations hidden in them; (id, text) pairs."""

    source: tuple[tuple[str, str], ...]
    target: tuple[tuple[str, str], ...]


Example: TypeAlias = SentencePair | TaggedSentence | SpanQuestion | ChoiceQuestion | Bitext | Corpora


@dataclass(frozen=True, slots=True)
class QuestionGold:
    """The gold answers of one question; ``cluster`` names its paragraph (questions of one are not independent)."""

    id: str
    answers: tuple[str, ...]
    cluster: str


# Gold and answers in memory, by Format:
#   LABELS, INDICES   list[str]                 list[str]
#   TAGS              list[list[str]]           list[list[str]]
#   ANSWERS           list[QuestionGold]        dict[str, str]
#   PAIRS             list[tuple[str, str]]     list[tuple[str, str]]
#   CHOICES           list[Any]                 list[Any]          (compared with ==, as the official scorer does)
#   RANKINGS          dict[str, list[str]]      dict[str, list[str]]
Gold: TypeAlias = Any
Answers: TypeAlias = Any


# --- metrics ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Items:
    """Per-item sufficient statistics of one cell; everything that intervals and paired tests need.

    Attributes:
        ids: One id an item. Within a task whose languages are parallel, equal ids in two languages mean translations.
        clusters: One key an item; items of one cluster (a paragraph) are resampled together.
        counts: Shape (items, columns of the metric).
    """

    ids: tuple[str, ...]
    clusters: tuple[str, ...]
    counts: FloatArray


class Metric(Protocol):
    """Per-item statistics plus a pure aggregate (the design of sacrebleu's metrics)."""

    @property
    def name(self) -> str:
        """Short name for signatures, with the variant that makes it unmistakable."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of :attr:`Items.counts`."""

    @property
    def official(self) -> tuple[str, ...]:
        """Score names of the official scorer, in its order."""

    @property
    def main(self) -> tuple[str, ...]:
        """The official scores whose mean is the task's number (``avg_metric``)."""

    def measure(self, gold: Gold, answers: Answers, language: str) -> Items:
        """Compare answers with gold item by item. Lengths must agree (checked by ``submissions`` beforehand)."""

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Scores in percent from summed counts of shape (..., columns): official ones first, then the variants."""


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """What a reader found for one task, language and split.

    Attributes:
        examples: One entry an example; a single entry for retrieval and mining.
        gold: Gold answers where the file itself carries them, else None.
        files: Every file that was read, for hashing.
        problems: Every malformed line. A split with problems must not be evaluated.
        notes: What a user should know (a dropped sentence, a file taken from upstream).
    """

    examples: Sequence[Example]
    gold: Gold | None
    files: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


class Reader(Protocol):
    """Finds and reads the files of one task under ``download/<task>``."""

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files that hold this language and split; empty if there are none. Reads nothing."""

    def read(self, folder: Path, language: str, split: str, *, quirks: bool = False) -> Split:
        """Read what :meth:`find` found. ``quirks`` reproduces the reference's csv-quoting trap.

        Raises:
            FileNotFoundError: nothing is there.
        """


# --- the task --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The reference's fine-tuning recipe (spec: google-research/xtreme ``scripts/train_*.sh``).

    ``learning_rate_large`` applies to 24-layer models where the reference distinguishes them. Warm-up is either
    ``warmup_steps`` or ``warmup_share`` of all steps.
    """

    learning_rate: float
    epochs: int
    batch_size: int
    max_length: int
    learning_rate_large: float | None = None
    warmup_steps: int = 0
    warmup_share: float = 0.0
    weight_decay: float = 0.0
    seed: int = 42
    train_on: str = ""
    select_by: str = ""
    doc_stride: int | None = None
    max_query_length: int | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task, declared once. Frozen: everything that runs, scores or shows a task reads it from here.

    Attributes:
        name: Folder name in data and submission.
        group: Leaderboard group: classification, tagging, qa or retrieval.
        languages: In the official scorer's order, which fixes the order of averages.
        reader: None for a task that can be scored but not answered yet.
        labels: Label set in the reference's order; empty if the task has none.
        label_aliases: Other spellings (lower case) that checkpoints use, mapped to ours.
        parallel: Items with equal ids are translations of each other across languages.
        published: Test examples per language as published, where known.
        suite_folders: Names of a suite's sub-folders that answer this task, best first.
        data_folders: Other names that the task's data folder goes by; ``.`` is the folder that holds several.
        reference: Published averages of known models in percent, quoted from ``reference_source``.
        sample: An example of (input, line of the output file) for people, made up.
        max_length: Longest input in word pieces, as in the reference.
    """

    name: str
    title: str
    kind: Kind
    group: str
    languages: tuple[str, ...]
    metric: Metric
    format: Format
    reader: Reader | None
    citation: str
    licence: str
    source: str
    sample: tuple[str, str]
    max_length: int
    labels: tuple[str, ...] = ()
    label_aliases: Mapping[str, str] = field(default_factory=dict)
    parallel: bool = False
    published: Mapping[str, int] = field(default_factory=dict)
    recipe: Recipe | None = None
    suite_folders: tuple[str, ...] = ()
    data_folders: tuple[str, ...] = ()
    reference: Mapping[str, float] = field(default_factory=dict)
    reference_source: str = ""

    def file_name(self, language: str, split: str = "test") -> str:
        """Name of the prediction (and gold) file of one language, e.g. ``test-de.tsv``."""
        return f"{split}-{language}.{self.format.extension}"
