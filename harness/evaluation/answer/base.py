"""What an answerer is: the head it needs, what changes its answers, what its numbers carry, and answering itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.checkpoints.compatibility import Compatible, Incompatible, has_head
from xharness.compute.loading import Loaded
from xharness.compute.throughput import Throughput
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.journal import Journal
from xharness.predict.room import Remedies, room_for_text
from xharness.predict.stream import Progress, Streaming
from xharness.tasks.base import Items, Metric, Task
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.data import CellData

Settings = TypeVar("Settings")
Settings_co = TypeVar("Settings_co", covariant=True)
Element = TypeVar("Element")
Example = TypeVar("Example")


@dataclass(frozen=True)
class CellAnswers:
    """What came out for one cell.

    Attributes:
        answers: As the task's type has them; None if the cell has no official answer.
        variants: Further measurements by name, each with its own metric.
        extra: Facts of the task's own for ``scores.json``.
        reason: Why there are no answers.
        details: What is kept by item beside the statistics and is not a score, such as similarities.
    """

    answers: object | None
    variants: Mapping[str, tuple[Metric, Items]] = field(default_factory=dict)
    extra: JsonObject = field(default_factory=dict)
    reason: str = ""
    details: Mapping[str, Items] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerRequest(Generic[Settings_co]):
    """Cells of one task for one model, and how to run them.

    Attributes:
        labels: The task's label for each output of the head; None for an output that the task does not have.
        tuning: The tuning split by language, where the type has one.
        settings: The answerer's own, resolved.
        max_length: Longest input in word pieces.
        batch_tokens: Bound on padded tokens in a batch.
        folder: Of the run, for what does not fit in memory; None keeps everything there.
        journal: Keeps what the model gives, for who continues after a kill.
    """

    task: Task
    labels: Sequence[str | None]
    loaded: Loaded
    cells: Sequence[CellData]
    tuning: Mapping[str, CellData]
    settings: Settings_co
    max_length: int
    batch_tokens: int
    progress: Progress
    note: Callable[[str], None]
    folder: Path | None = None
    journal: Journal | None = None

    def halved(self, bound: int) -> None:
        """Say that memory ran out, and what was done about it."""
        self.note(f"out of memory: batches of {self.task.name} halved to {bound} tokens")

    @property
    def streaming(self) -> Streaming:
        """The keywords of every function that answers a stream of examples."""
        return {
            "batch_tokens": self.batch_tokens,
            "progress": self.progress,
            "on_halved": self.halved,
            "journal": self.journal,
        }

    def stream(self, example: type[Example]) -> list[Example]:
        """All examples of all cells, one after the other."""
        found = [each for cell in self.cells for each in cell.examples]
        assert all(isinstance(each, example) for each in found[:1])
        return found  # type: ignore[return-value]  # readers give the examples of their task's type

    def by_cell(self, results: Sequence[Element]) -> list[list[Element]]:
        """Results of :meth:`stream` back by cell."""
        bounds = accumulate((len(cell.examples) for cell in self.cells), initial=0)
        return [list(results[start:end]) for start, end in pairwise(bounds)]


class Answerer(ABC, Generic[Settings]):
    """How one task type is answered."""

    head: ClassVar[Head]
    paired: ClassVar[bool] = False  # whether an input has two texts

    def fit(self, task: Task, checkpoint: Checkpoint) -> Compatible | Incompatible:
        """Whether a checkpoint can answer a task: by its head, unless the type wants more."""
        return has_head(task, checkpoint, self.head)

    @abstractmethod
    def settings(self, options: EvaluateOptions, task: Task, checkpoint: Checkpoint) -> Settings:
        """The user's options as far as this type reads them, resolved for a checkpoint.

        Raises:
            UserError: an option that does not fit the checkpoint.
        """

    def max_length(self, options: EvaluateOptions, task: Task) -> int:
        """Longest input in word pieces."""
        return options.max_length or task.max_length

    def check_room(
        self,
        loaded: Loaded,
        task: Task,
        _examples: Sequence[Any],  # of the type's own class
        _settings: Settings,
        max_length: int,
        remedies: Remedies,
    ) -> None:
        """Refuse lengths that leave no room for the texts, before a model is loaded.

        Raises:
            UserError: naming the task and what takes the room.
        """
        room_for_text(loaded, task.name, max_length, paired=self.paired, remedies=remedies)

    def cache_key_fields(self, _settings: Settings) -> JsonObject:
        """What of the settings can change an answer."""
        return {}

    def signature_parts(self, _settings: Settings) -> dict[str, str]:
        """What a number of this type says beside what all numbers say."""
        return {}

    def renamed(self, _answers: object, _names: Mapping[str, str]) -> object | None:
        """Answers with other names for the labels; None where they are not one label an example."""
        return None

    def remark(self, _settings: Settings) -> str:
        """What a user should know of the settings, such as what a default stands for; empty if nothing."""
        return ""

    @abstractmethod
    def answer(self, request: AnswerRequest[Settings]) -> tuple[list[CellAnswers], Throughput]:
        """Answers of every cell of a request, in its order."""
