"""Several devices answer what one device answers; here the devices are processes on the processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from tests.models import save_tiny
from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute import replicas
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.compute.replicas import Replica, Shared
from xharness.predict.embed import embed
from xharness.predict.multiple_choice import choose
from xharness.predict.text_classification import classify
from xharness.tasks.common.errors import UserError
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.tasks.types.text_classification import SentencePair

TWO = Device("cpu", "fp32", others=(Device("cpu", "fp32"),))
WORDS = ["ba", "be di", "fo gu ha", "ka le mi no", "pa re si to vu wa"]


def pair(folder: Path, head: Head, kind: str) -> tuple[Loaded, Loaded]:
    """The same model on one device and on two."""
    checkpoint = inspect(save_tiny(folder, "xlm-roberta", kind, ()))
    return load(checkpoint, head, Device("cpu", "fp32")), load(checkpoint, head, TWO)


class Counting:
    """A replica that counts the batches it is asked for."""

    def __init__(self, replica: Any) -> None:
        self.replica, self.batches = replica, 0

    def prepare(self, make: Any) -> Callable[..., Any]:
        model = self.replica.prepare(make)

        def counted(**inputs: Any) -> Any:
            self.batches += 1
            return model(**inputs)

        return counted


def test_embeddings_are_those_of_one_device(tmp_path: Path) -> None:
    one, two = pair(tmp_path / "m", Head.ENCODER, "encoder")
    counting = Counting(two.replicas[0])
    two = replace(two, replicas=(cast("Replica", counting),))
    texts = [" ".join(WORDS[i % 5] for i in range(n % 7 + 1)) + str(n) for n in range(60)]
    settings: dict[str, Any] = {"layers": [1, 2], "pooling": "mean", "max_length": 64, "batch_tokens": 32}
    expected, found = (embed(model, texts, **settings) for model in (one, two))
    assert np.allclose(found.vectors, expected.vectors, atol=1e-6)
    assert (found.throughput.examples, found.throughput.tokens) == (60, expected.throughput.tokens)
    assert found.throughput.padded_tokens == expected.throughput.padded_tokens
    assert counting.batches > 0


def test_heads_answer_as_on_one_device(tmp_path: Path) -> None:
    one, two = pair(tmp_path / "s", Head.SEQUENCE, "sequence")
    pairs = [SentencePair(str(n), WORDS[n % 5], WORDS[n % 3]) for n in range(30)]
    settings: dict[str, Any] = {"max_length": 32, "batch_tokens": 40}
    answers = [classify(model, pairs, ("A", "B", "C"), **settings)[0] for model in (one, two)]
    assert answers[0] == answers[1]
    one, two = pair(tmp_path / "c", Head.CHOICE, "choice")
    questions = [ChoiceQuestion(str(n), WORDS[n % 5], "x", (WORDS[n % 4], WORDS[n % 3])) for n in range(20)]
    assert choose(one, questions, **settings)[0] == choose(two, questions, **settings)[0]


def test_a_dead_process_is_named(tmp_path: Path) -> None:
    _, two = pair(tmp_path / "m", Head.ENCODER, "encoder")
    two.replicas[0]._end()
    with pytest.raises(UserError, match="the process of device cpu is gone"):
        embed(two, WORDS, layers=[2], pooling="mean", max_length=64, batch_tokens=8)


def test_what_goes_wrong_there_is_said_here(tmp_path: Path) -> None:
    checkpoint = inspect(save_tiny(tmp_path / "m", "xlm-roberta", "encoder", ()))
    (tmp_path / "m" / "model.safetensors").write_bytes(b"broken")
    broken = replicas.Replica(partial(load, checkpoint, Head.ENCODER, Device("cpu", "fp32")), Device("cpu", "fp32"), 1)
    with pytest.raises(UserError, match="cannot load"):
        broken.prepare(_model)


def _model(loaded: Loaded) -> Any:
    return loaded.model


def test_shared_items_are_taken_once() -> None:
    both = Shared(range(5))
    first, second = iter(both), iter(both)
    assert [next(first), next(second), next(first)] == [0, 1, 2]
    assert [*second, *first] == [3, 4]


def test_shared_items_end_for_all() -> None:
    both = Shared(range(5))
    first, second = iter(both), iter(both)
    with both:
        assert next(first) == 0
    assert next(second) == 1
    with pytest.raises(KeyboardInterrupt), both:
        raise KeyboardInterrupt
    assert [*first, *second] == []
