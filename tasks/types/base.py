"""What a task type is. A new one is a module with a subclass of :class:`TaskType`; nothing else branches on types."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import ClassVar, Generic, Protocol, TypeAlias, TypeVar

from xharness.tasks.common.errors import Problem
from xharness.tasks.types.findings import Expected, Finding, PredictionFile

ExampleT = TypeVar("ExampleT")
GoldT = TypeVar("GoldT")
AnswersT = TypeVar("AnswersT")
FileT = TypeVar("FileT", covariant=True)
ExampleCo = TypeVar("ExampleCo", covariant=True)
GoldCo = TypeVar("GoldCo", covariant=True)
EntryT = TypeVar("EntryT")
Contra = TypeVar("Contra", contravariant=True)
Score: TypeAlias = Callable[[AnswersT], float]
Line: TypeAlias = tuple[int, str]  # 1-based (0: the whole file), and what is wrong there


@dataclass(frozen=True)
class Parsed(Generic[FileT]):
    """One file in memory.

    Attributes:
        answers: What the file says.
        lines: The 1-based line where each item stands; for tags where each sentence begins, for JSON each key.
        problems: What could not be read. Answers then hold the rest of the file.
        empty: Empty sentences that were left out.
    """

    answers: FileT
    lines: tuple[int, ...]
    problems: tuple[Problem, ...] = ()
    empty: int = 0


@dataclass(frozen=True)
class GoldFile(Generic[ExampleCo, GoldCo]):
    """Gold as its rules see it, with what they need to know of the task.

    Attributes:
        parsed: What was read of the file.
        examples: What the gold is for; None where that is not at hand, as for a folder of labels alone.
        task: Name of the task.
        labels: Its label set; empty if it has none.
        aliases: Other spellings (lower case) of labels, mapped to the task's.
        choices: Choices of each question; 0 where they differ.
        published: Number of test examples as published; None where it is unknown.
        aligned: Bitext whose two sides are translations line by line.
    """

    parsed: Parsed[GoldCo]
    examples: Sequence[ExampleCo] | None
    task: str
    labels: Sequence[str]
    aliases: Mapping[str, str]
    choices: int
    published: int | None
    aligned: bool

    def placed(self: GoldFile[object, Sequence[EntryT]]) -> Iterator[tuple[int, int, EntryT]]:
        """0-based place, line and entry of gold that is a sequence, without entries that could not be read."""
        unreadable = {problem.line for problem in self.parsed.problems if problem.line}
        answers = self.parsed.answers
        lines = self.parsed.lines or (0,) * len(answers)
        entries = enumerate(zip(lines, answers, strict=True))
        return ((place, line, entry) for place, (line, entry) in entries if line not in unreadable)

    def entries(self: GoldFile[object, Sequence[EntryT]]) -> Iterator[tuple[int, EntryT]]:
        """Line and entry."""
        return ((line, entry) for _, line, entry in self.placed())


class View(Protocol[Contra]):
    """Items of one cell as they are shown to a person; ``item`` is an id as in :class:`xharness.tasks.base.Items`."""

    def raw(self, answers: Contra, item: str) -> object:
        """The answer to an item, for comparison."""

    def inputs(self, item: str) -> dict[str, str]:
        """What the model was given, by name."""

    def texts(self, item: str, *runs: Contra) -> list[str]:
        """Gold first, then the answer of each run; empty where there is none."""

    def similarity_names(self, answers: Contra, item: str) -> Sequence[str]:
        """Names under which a run keeps similarities of what was found for an item; empty where nothing is found."""


class TaskType(ABC, Generic[ExampleT, GoldT, AnswersT]):
    """How a task is answered. Built-in types are frozen values; they carry no state.

    Attributes:
        name: Name of the module of its answerer and of its objective.
        title: What people call it.
        example: Class of its examples.
        extension: File name extension of a prediction file, as the leaderboard expects it.
        in_order: Gold has one entry an example, in the same order, so that entries keep their places when one is
            malformed.
        tuning_split: The split whose gold decides how test is answered (mining's threshold); None for most types.
        items_differ: Runs measure different items (what was mined); an item that a run lacks counts nothing there.
        retrieves: Answers are found by similarity of vectors; the answer depends on the block of the encoder.
        together: All languages of a run are answered at once, because what takes the time is the same for all.
        per_language: Trained on each language by itself, as a member of the mixture; all share one head.
        guess: What a guesser answers, whose score :meth:`chance` is; empty where nobody has worked it out.
        texts: Fields of its examples that are texts of their own, each of which may be changed by itself.
        own_options: Fields of the options of an evaluation that only some types read, and this one does.
        plugin: Import name of a module with ``ANSWERER`` and ``OBJECTIVE`` of a type from outside; built-in types'
            are found by their name.
        hub_task: What the Hugging Face hub calls it in model cards.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    example: ClassVar[type]
    extension: ClassVar[str] = "tsv"
    in_order: ClassVar[bool] = False
    tuning_split: ClassVar[str | None] = None
    items_differ: ClassVar[bool] = False
    retrieves: ClassVar[bool] = False
    together: ClassVar[bool] = False
    per_language: ClassVar[bool] = False
    guess: ClassVar[str] = ""
    texts: ClassVar[tuple[str, ...]] = ()
    own_options: ClassVar[tuple[str, ...]] = ()
    plugin: ClassVar[str | None] = None
    hub_task: ClassVar[str] = "other"

    # -- files --------------------------------------------------------------------------------------------------------

    @abstractmethod
    def parse_answers(self, path: Path) -> Parsed[AnswersT]:
        """Read a prediction file. Raises OSError if it cannot be opened; everything else becomes a Problem."""

    @abstractmethod
    def parse_gold(self, path: Path) -> Parsed[GoldT]:
        """Read a gold file. Raises OSError if it cannot be opened; everything else becomes a Problem."""

    @abstractmethod
    def render(self, answers: AnswersT) -> str:
        """The exact text of a prediction file: LF line ends, a final newline, items in the order given."""

    def render_examples(self, _examples: Sequence[ExampleT], *, with_gold: bool) -> bytes:
        """Examples as XTREME's own preprocessing leaves them in a file of lines.

        Raises:
            TypeError: examples of this type are not kept in lines.
        """
        raise TypeError(f"{self.title} has no lines of examples, {'with' if with_gold else 'without'} gold or not")

    # -- examples and gold --------------------------------------------------------------------------------------------

    def size(self, examples: Sequence[ExampleT]) -> int:
        """Number of examples of a cell."""
        return len(examples)

    def targets(self, _examples: Sequence[ExampleT]) -> int | None:
        """Number of sentences on the other side of a mined pair of corpora; None for every other type."""
        return None

    def gold_size(self, gold: GoldT) -> int:
        """Number of gold entries."""
        return len(gold)  # type: ignore[arg-type]  # every gold is a collection

    def is_same_gold(self, gold: GoldT, other: GoldT) -> bool:
        """Whether two files say the same, whatever their order."""
        first, second = (sorted(map(repr, each)) for each in (gold, other))  # type: ignore[call-overload]  # likewise
        return bool(first == second)

    def published_size(self, examples: Sequence[ExampleT], _gold: GoldT | None) -> int | None:
        """The number that a published number of test examples is compared with; None where it cannot be known."""
        return self.size(examples)

    def is_published_size(self, items: int, published: int) -> bool:
        """Whether a score over so many items can be one over the whole published test set."""
        return items == published

    @abstractmethod
    def first(
        self, examples: Sequence[ExampleT], gold: GoldT | None, limit: int
    ) -> tuple[Sequence[ExampleT], GoldT | None]:
        """The first ``limit`` examples and the gold that belongs to them."""

    @abstractmethod
    def take(self, examples: Sequence[ExampleT], gold: GoldT, places: Sequence[int]) -> tuple[list[ExampleT], GoldT]:
        """The examples at some places and the gold that belongs to them."""

    def stratum(self, _example: ExampleT) -> str:
        """What a subset keeps in proportion, such as the label."""
        return ""

    def text(self, _example: ExampleT) -> str:
        """What makes two examples the same, for :mod:`xharness.tasks.overlaps`; empty where nothing is known of it."""
        return ""

    def labels_of(self, _examples: Iterable[ExampleT]) -> set[str]:
        """Labels that examples carry; empty where the type has none."""
        return set()

    # -- rules --------------------------------------------------------------------------------------------------------

    @abstractmethod
    def gold_problems(self, gold: GoldFile[ExampleT, GoldT]) -> Iterator[Line]:
        """Lines of a gold file and what is wrong there: by itself, and for the examples where they are at hand."""

    def is_blanked(self, _gold: GoldT) -> bool:
        """Whether the labels were taken out, as in XTREME's download."""
        return False

    def gold_notes(self, _examples: Sequence[ExampleT], _gold: GoldT) -> list[str]:
        """What a user should know of gold that fits the examples."""
        return []

    def like_gold(self, answers: Parsed[AnswersT], _gold: Parsed[GoldT]) -> Parsed[AnswersT]:
        """Answers without what was left out of gold."""
        return answers

    @abstractmethod
    def expected_of_gold(self, gold: GoldT, source: str) -> Expected:
        """What gold expects of the prediction file beside it."""

    def expected_of_examples(self, examples: Sequence[ExampleT], source: str) -> Expected | None:
        """What examples expect of the prediction file; None where any number of answers is right."""
        return Expected(self.size(examples), source)

    def expected_of_count(self, count: int, source: str) -> Expected | None:
        """What a published number of examples expects; None where it says nothing of answers."""
        return Expected(count, source)

    @abstractmethod
    def findings(self, file: PredictionFile[AnswersT]) -> Iterator[Finding]:
        """Everything that is wrong with a prediction file."""

    # -- for people ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def view(self, examples: Sequence[ExampleT], gold: GoldT | None) -> View[AnswersT]:
        """Items of a cell, for people."""

    def tags(self, _answers: AnswersT | GoldT) -> Sequence[Sequence[str]] | None:
        """Tags of each item, so that it can be counted which are taken for which; None for types without tags."""
        return None

    def chance(
        self,
        _examples: Sequence[ExampleT],
        _gold: GoldT,
        _labels: Sequence[str],
        _score: Score[AnswersT],
        _random: Random,
    ) -> float | None:
        """The expected score in percent of somebody who does not read; None where nobody has worked it out.

        Args:
            score: The task's number for given answers.
        """
        return None
