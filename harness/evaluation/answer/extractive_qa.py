"""Extractive QA: a stretch of the context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.compute.loading import Loaded
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import Answerer, AnswerRequest, CellAnswers
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.extractive_qa import answer
from xharness.predict.room import Remedies, room_beside_questions
from xharness.predict.spans import SpanOptions
from xharness.tasks.base import Task
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.types.extractive_qa import SpanQuestion


class ExtractiveQaAnswerer(Answerer[SpanOptions]):
    """Windows over the context, and the best span of all of them."""

    head = Head.SPAN

    def settings(self, options: EvaluateOptions, task: Task, _checkpoint: Checkpoint) -> SpanOptions:
        """See :meth:`Answerer.settings`."""
        return replace(options.span, max_length=self.max_length(options, task))

    def max_length(self, options: EvaluateOptions, task: Task) -> int:
        """The window, which may be set by either name."""
        return options.max_length or options.window or task.max_length

    def check_room(
        self,
        loaded: Loaded,
        task: Task,
        examples: Sequence[SpanQuestion],
        settings: SpanOptions,
        _max_length: int,
        remedies: Remedies,
    ) -> None:
        """See :meth:`Answerer.check_room`."""
        room_beside_questions(loaded, task.name, examples, settings, remedies)

    def cache_key_fields(self, settings: SpanOptions) -> JsonObject:
        """See :meth:`Answerer.cache_key_fields`."""
        return asdict(settings)

    def signature_parts(self, settings: SpanOptions) -> dict[str, str]:
        """See :meth:`Answerer.signature_parts`."""
        return {"stride": str(settings.doc_stride), "answer": str(settings.max_answer_length)}

    def answer(self, request: AnswerRequest[SpanOptions]) -> tuple[list[CellAnswers], Throughput]:
        """See :meth:`Answerer.answer`."""
        questions = request.stream(SpanQuestion)
        texts, spent = answer(request.loaded, questions, request.settings, **request.streaming)
        ids = [question.id for question in questions]
        named = request.by_cell(list(zip(ids, texts, strict=True)))
        return [CellAnswers(dict(part)) for part in named], spent


ANSWERER = ExtractiveQaAnswerer()
