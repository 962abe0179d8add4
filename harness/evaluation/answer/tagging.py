"""Tagging: a tag for each word."""

from __future__ import annotations

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.checkpoints.compatibility import Compatible, Incompatible, fit_labels
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.base import Task
from xharness.tasks.types.tagging import TaggedSentence

ENOUGH_TAGS = 0.8  # taggers often lack a rare tag such as SYM; they can still be scored


class TaggingAnswerer(Answerer[None]):
    """A head may lack rare tags, and may have outputs that the task does not have."""

    head = Head.TOKEN

    def fit(self, task: Task, checkpoint: Checkpoint) -> Compatible | Incompatible:
        """See :meth:`Answerer.fit`."""
        return fit_labels(task, checkpoint, self.head, enough=ENOUGH_TAGS, more=True)

    def settings(self, _options: EvaluateOptions, _task: Task, _checkpoint: Checkpoint) -> None:
        """Nothing of its own."""

    def answer(self, request: AnswerRequest[None]) -> tuple[list[CellAnswers], Throughput]:
        """See :meth:`Answerer.answer`."""
        from xharness.predict.tagging import tag

        tags, spent = tag(
            request.loaded,
            request.stream(TaggedSentence),
            request.labels,
            max_length=request.max_length,
            batch_tokens=request.batch_tokens,
            progress=request.progress,
            on_halved=request.halved,
        )
        return [CellAnswers(part) for part in request.by_cell(tags)], spent


ANSWERER = TaggingAnswerer()
