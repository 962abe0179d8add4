"""Pair classification against transformers' own tokenizer call, one pair at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.models import ARCHITECTURES
from xharness.checkpoints.checkpoint import inspect
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.predict.text_classification import classify
from xharness.tasks.types.text_classification import SentencePair

TEXTS = [
    "Bada lomi, kupe!", "山田水木。", "бада ломи дува", "", "บดาลม", "lomi " * 30, "a", "بدا لومي", "kupe\ttoda  ve",
    "bada lomi kupe toda ve dumi", "ბადა", "  lomi", "Ωmega ΑΒΓ", "lomi bada",
]  # fmt: skip
PAIRS = [SentencePair(f"{i}-{j}", a, b) for i, a in enumerate(TEXTS) for j, b in enumerate(TEXTS) if not (i + j) % 3]
LABELS = ("red", "green", "blue")


def loaded(folder: Path) -> Loaded:
    found = inspect(folder)
    return load(found, found.head, Device("cpu", "fp32"))


def one_by_one(model: Loaded, pairs: list[SentencePair], max_length: int) -> list[str]:
    """The definition. Lists, because a bare empty second text would be taken for none."""
    import torch

    found = []
    for pair in pairs:
        inputs = model.tokenizer(
            [pair.first], [pair.second], truncation=True, max_length=max_length, return_tensors="pt"
        )
        if not inputs["input_ids"].shape[1]:
            inputs = {"input_ids": torch.tensor([[model.pad_id]])}
        with torch.inference_mode():
            found.append(LABELS[int(model.model(**inputs).logits[0].argmax())])
    return found


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_answers_equal_a_plain_computation_whatever_the_batch_size(tiny: Tiny, architecture: str) -> None:
    model = loaded(tiny(architecture, "sequence", seed=1))
    wanted = one_by_one(model, PAIRS, 64)
    assert len(set(wanted)) > 1, "the model tells inputs apart"
    for budget in (1, 64, 300, 100_000):
        found, spent = classify(model, PAIRS, LABELS, max_length=64, batch_tokens=budget)
        assert found == wanted
        assert spent.examples == len(PAIRS)


def test_every_output_has_its_own_label(tiny: Tiny) -> None:
    model = loaded(tiny("bert", "sequence"))
    plain, _ = classify(model, PAIRS, LABELS, max_length=64, batch_tokens=500)
    names = {"red": "0", "green": "1", "blue": "2"}
    other, _ = classify(model, PAIRS, tuple(names.values()), max_length=64, batch_tokens=500)
    assert other == [names[label] for label in plain]
    assert {type(label) for label in plain} == {str}


@pytest.mark.parametrize(("max_length", "longest"), [(20, 20), (10_000, 512)])
def test_long_pairs_are_cut_to_the_smaller_limit(tiny: Tiny, max_length: int, longest: int) -> None:
    model = loaded(tiny("xlm-roberta", "sequence"))
    pair = SentencePair("1", "lomi " * 600, "bada " * 700)
    found, spent = classify(model, [pair], LABELS, max_length=max_length, batch_tokens=64)
    assert spent.tokens == longest
    assert found == one_by_one(model, [pair], longest)


def test_the_longer_text_is_cut_first(tiny: Tiny) -> None:
    from xharness.predict.pairs import encode_pairs

    model = loaded(tiny("bert", "sequence"))
    ids, types = encode_pairs(model, ["bada lomi", "lomi " * 50], ["kupe " * 50, "bada"], 15)
    kept = [model.tokenizer.decode(row, skip_special_tokens=True) for row in ids]
    assert kept == ["bada lomi kupe kupe kupe kupe", "lomi lomi lomi lomi lomi bada"]
    assert [len(row) for row in ids] == [len(row or ()) for row in types] == [15, 15]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_no_pairs_and_blank_pairs(tiny: Tiny, architecture: str) -> None:
    model = loaded(tiny(architecture, "sequence", seed=1))
    found, spent = classify(model, [], LABELS, max_length=64, batch_tokens=64)
    assert (found, spent.examples) == ([], 0)
    blank = [SentencePair("1", "", ""), SentencePair("2", " ", "\u200d")]
    assert classify(model, blank, LABELS, max_length=64, batch_tokens=1)[0] == one_by_one(model, blank, 64)
