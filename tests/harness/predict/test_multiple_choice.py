"""Multiple choice against the head's own input of shape (questions, choices, tokens)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.models import ARCHITECTURES
from xharness.checkpoints.checkpoint import inspect
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.predict.multiple_choice import choose
from xharness.tasks.types.multiple_choice import ChoiceQuestion

QUESTIONS = [
    ChoiceQuestion("1", "Bada lomi kupe.", "Toda?", ("ve dumi", "lomi bada lomi bada")),
    ChoiceQuestion("2", "бада ломи", "", ("山田", "水木", "บดา", "bada")),
    ChoiceQuestion("3", "", "", ("", "kupe")),
    ChoiceQuestion("4", "lomi " * 30, "dava", ("toda " * 20, "a", "kupe vesi")),
    ChoiceQuestion("5", "بدا", "لومي", ("kupe",)),
    *(
        ChoiceQuestion(f"m{n}", f"{a} lomi", b, (f"{b} {a}", a, b))
        for n, (a, b) in enumerate(zip("abdefghk", "tvwzklmn", strict=True))
    ),
]


def loaded(folder: Path) -> Loaded:
    found = inspect(folder)
    return load(found, found.head, Device("cpu", "fp32"))


def one_by_one(model: Loaded, questions: list[ChoiceQuestion], max_length: int) -> list[int]:
    import torch

    found = []
    for question in questions:
        first = [f"{question.premise} {question.question}"] * len(question.choices)
        inputs = model.tokenizer(
            first, list(question.choices), truncation=True, max_length=max_length, padding=True, return_tensors="pt"
        )
        with torch.inference_mode():
            logits = model.model(**{name: value[None] for name, value in inputs.items()}).logits
        found.append(int(logits[0].argmax()))
    return found


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_answers_equal_a_plain_computation_whatever_the_batch_size(tiny: Tiny, architecture: str) -> None:
    model = loaded(tiny(architecture, "choice"))
    wanted = one_by_one(model, QUESTIONS, 64)
    assert len(set(wanted)) > 1
    for budget in (1, 64, 300, 100_000):
        found, spent = choose(model, QUESTIONS, max_length=64, batch_tokens=budget)
        assert found == wanted
        assert spent.examples == sum(len(question.choices) for question in QUESTIONS)


def test_no_questions(tiny: Tiny) -> None:
    found, spent = choose(loaded(tiny("bert", "choice")), [], max_length=64, batch_tokens=64)
    assert (found, spent.examples) == ([], 0)


def test_memory_that_runs_out_changes_no_answer(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    model = loaded(tiny("bert", "choice"))
    wanted, _ = choose(model, QUESTIONS, max_length=64, batch_tokens=100_000)
    real, bounds = type(model.model).forward, list[int]()

    def small(self: Any, input_ids: Any, **inputs: Any) -> Any:
        if len(input_ids) > 3:
            raise RuntimeError("CUDA out of memory. Tried to allocate more")
        return real(self, input_ids=input_ids, **inputs)

    monkeypatch.setattr(type(model.model), "forward", small)
    assert choose(model, QUESTIONS, max_length=64, batch_tokens=100_000, on_halved=bounds.append)[0] == wanted
    assert bounds
