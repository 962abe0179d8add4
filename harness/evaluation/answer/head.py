"""What the types share that read an answer for each example off a head: nothing to set, one stream of examples."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers, Example
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.base import Task


class HeadAnswerer(Answerer[None], Generic[Example]):
    """An answer for each example, in their order."""

    example: ClassVar[type]

    def settings(self, _options: EvaluateOptions, _task: Task, _checkpoint: Checkpoint) -> None:
        """Nothing of its own."""

    @abstractmethod
    def predict(self, request: AnswerRequest[None], examples: Sequence[Example]) -> tuple[Sequence[object], Throughput]:
        """The answers of all examples of a request."""

    def answer(self, request: AnswerRequest[None]) -> tuple[list[CellAnswers], Throughput]:
        """See :meth:`Answerer.answer`."""
        found, spent = self.predict(request, request.stream(self.example))
        return [CellAnswers(part) for part in request.by_cell(found)], spent
