"""Multiple choice: the number of the right choice."""

from __future__ import annotations

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.base import Task
from xharness.tasks.types.multiple_choice import ChoiceQuestion


class MultipleChoiceAnswerer(Answerer[None]):
    """One score a choice, whatever their number."""

    head = Head.CHOICE
    paired = True

    def settings(self, _options: EvaluateOptions, _task: Task, _checkpoint: Checkpoint) -> None:
        """Nothing of its own."""

    def answer(self, request: AnswerRequest[None]) -> tuple[list[CellAnswers], Throughput]:
        """See :meth:`Answerer.answer`."""
        from xharness.predict.multiple_choice import choose

        chosen, spent = choose(
            request.loaded,
            request.stream(ChoiceQuestion),
            max_length=request.max_length,
            batch_tokens=request.batch_tokens,
            progress=request.progress,
            on_halved=request.halved,
        )
        return [CellAnswers(part) for part in request.by_cell(chosen)], spent


ANSWERER = MultipleChoiceAnswerer()
