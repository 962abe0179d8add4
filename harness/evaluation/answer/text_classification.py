"""Text classification: a label for one text or two."""

from __future__ import annotations

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.checkpoints.compatibility import Compatible, Incompatible, fit_labels
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.base import Task
from xharness.tasks.types.text_classification import SentencePair


class TextClassificationAnswerer(Answerer[None]):
    """Every label of the task needs an output of the head, and the other way round."""

    head = Head.SEQUENCE
    paired = True

    def fit(self, task: Task, checkpoint: Checkpoint) -> Compatible | Incompatible:
        """See :meth:`Answerer.fit`."""
        return fit_labels(task, checkpoint, self.head)

    def settings(self, _options: EvaluateOptions, _task: Task, _checkpoint: Checkpoint) -> None:
        """Nothing of its own."""

    def answer(self, request: AnswerRequest[None]) -> tuple[list[CellAnswers], Throughput]:
        """See :meth:`Answerer.answer`."""
        from xharness.predict.text_classification import classify

        labels, spent = classify(
            request.loaded,
            request.stream(SentencePair),
            request.labels,
            max_length=request.max_length,
            batch_tokens=request.batch_tokens,
            progress=request.progress,
            on_halved=request.halved,
        )
        return [CellAnswers(part) for part in request.by_cell(labels)], spent


ANSWERER = TextClassificationAnswerer()
