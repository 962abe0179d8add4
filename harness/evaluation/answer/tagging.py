"""Tagging: a tag for each word."""

from __future__ import annotations

from collections.abc import Sequence

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.checkpoints.compatibility import Compatible, Incompatible, fit_labels
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import AnswerRequest
from xharness.evaluation.answer.head import HeadAnswerer
from xharness.predict.tagging import tag
from xharness.tasks.base import Task
from xharness.tasks.types.tagging import TaggedSentence

ENOUGH_TAGS = 0.8  # taggers often lack a rare tag such as SYM; they can still be scored


class TaggingAnswerer(HeadAnswerer[TaggedSentence]):
    """A head may lack rare tags, and may have outputs that the task does not have."""

    head = Head.TOKEN
    example = TaggedSentence

    def fit(self, task: Task, checkpoint: Checkpoint) -> Compatible | Incompatible:
        """See :meth:`Answerer.fit`."""
        return fit_labels(task, checkpoint, self.head, enough=ENOUGH_TAGS, more=True)

    def predict(
        self, request: AnswerRequest[None], examples: Sequence[TaggedSentence]
    ) -> tuple[Sequence[object], Throughput]:
        """See :meth:`HeadAnswerer.predict`."""
        return tag(request.loaded, examples, request.labels, max_length=request.max_length, **request.streaming)


ANSWERER = TaggingAnswerer()
