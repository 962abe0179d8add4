"""Text classification: a label for one text or two."""

from __future__ import annotations

from collections.abc import Sequence

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.checkpoints.compatibility import Compatible, Incompatible, fit_labels
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import AnswerRequest
from xharness.evaluation.answer.head import HeadAnswerer
from xharness.tasks.base import Task
from xharness.tasks.types.text_classification import SentencePair


class TextClassificationAnswerer(HeadAnswerer[SentencePair]):
    """Every label of the task needs an output of the head, and the other way round."""

    head = Head.SEQUENCE
    paired = True
    example = SentencePair

    def fit(self, task: Task, checkpoint: Checkpoint) -> Compatible | Incompatible:
        """See :meth:`Answerer.fit`."""
        return fit_labels(task, checkpoint, self.head)

    def predict(
        self, request: AnswerRequest[None], examples: Sequence[SentencePair]
    ) -> tuple[Sequence[object], Throughput]:
        """See :meth:`HeadAnswerer.predict`."""
        from xharness.predict.text_classification import classify

        return classify(request.loaded, examples, request.labels, max_length=request.max_length, **request.streaming)


ANSWERER = TextClassificationAnswerer()
