"""Choices and labels as training targets."""

from __future__ import annotations

import pytest

from tests.conftest import Tiny
from tests.harness.train.objectives.made import loaded_of, objective_of
from xharness.tasks import xcopa, xnli
from xharness.tasks.common.errors import UserError
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.tasks.types.text_classification import SentencePair


def test_choices_and_labels(tiny: Tiny) -> None:
    loaded = loaded_of(tiny, "bert")
    question = ChoiceQuestion("c", "ba ko.", "lu?", ("gi", "ne tus", "dar"), 2)
    (instance,) = objective_of(xcopa.TASK, [question], loaded, max_length=32).instances
    assert (len(instance.rows), instance.target, instance.weight) == (3, (2,), 1)
    assert list(instance.rows[1]) == loaded.tokenizer("ba ko. lu?", "ne tus")["input_ids"]
    pair = SentencePair("p", "ba", "ko", "neutral")
    assert objective_of(xnli.TASK, [pair], loaded, max_length=32).instances[0].target == (2,)
    with pytest.raises(UserError, match="training example p of xnli has the label 'maybe'"):
        objective_of(xnli.TASK, [SentencePair("p", "ba", "ko", "maybe")], loaded, max_length=32)
