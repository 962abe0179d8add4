"""Multiple choice: the number of the right choice."""

from __future__ import annotations

from collections.abc import Sequence

from xharness.checkpoints.checkpoint import Head
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import AnswerRequest
from xharness.evaluation.answer.head import HeadAnswerer
from xharness.predict.multiple_choice import choose
from xharness.tasks.types.multiple_choice import ChoiceQuestion


class MultipleChoiceAnswerer(HeadAnswerer[ChoiceQuestion]):
    """One score a choice, whatever their number."""

    head = Head.CHOICE
    paired = True
    example = ChoiceQuestion

    def predict(
        self, request: AnswerRequest[None], examples: Sequence[ChoiceQuestion]
    ) -> tuple[Sequence[object], Throughput]:
        """See :meth:`HeadAnswerer.predict`."""
        return choose(request.loaded, examples, max_length=request.max_length, **request.streaming)


ANSWERER = MultipleChoiceAnswerer()
