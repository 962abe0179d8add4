"""Rows on a card: the same training as with padding. A processor stands in for the card, plain attention for its
kernel; what the operator takes and gives is asked of torch's own shapes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch

from tests.harness.train.small_encoders import LENGTHS, READ, batch, encoder_of, learned
from xharness.compute.last_block import FAMILIES
from xharness.train import packed as packing
from xharness.train import varlen
from xharness.train.varlen import TextEnds, is_exact, pack, runs

CALLS: list[float] = []
"""Probabilities of dropout that the stand-in for the kernel was called with."""


def plain(
    heads: Sequence[torch.Tensor], looking: TextEnds, seen: TextEnds, probability: float, scale: float
) -> torch.Tensor:
    """What the kernel computes, text by text, without dropout."""
    CALLS.append(probability)
    assert looking.places.dtype == seen.places.dtype == torch.int32
    sizes = [ends.places.diff().tolist() for ends in (looking, seen, seen)]
    assert [max(size) for size in sizes[:2]] == [looking.longest, seen.longest]
    texts = zip(*(torch.split(each, size) for each, size in zip(heads, sizes, strict=True)), strict=True)
    return torch.cat([attention(text, scale) for text in texts])


def attention(heads: Sequence[torch.Tensor], scale: float) -> torch.Tensor:
    query, key, value = heads
    weights = (query.transpose(0, 1) @ key.permute(1, 2, 0) * scale).softmax(-1)
    return (weights @ value.transpose(0, 1)).transpose(0, 1)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every encoder is trained as on a card."""
    CALLS.clear()
    monkeypatch.setattr(varlen, "flash", plain)
    monkeypatch.setattr(packing, "packing_for", lambda _encoder, _precision: packing.ON_CARD)


STILL = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize("which", ["all", "first", "some", "one text's"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns_what_it_learns_with_padding(family: str, which: str) -> None:
    encoder = encoder_of(family, **STILL)
    (vectors, gradients), (padded, with_padding) = (
        learned(encoder, batch(), wanted, READ[which]) for wanted in (True, False)
    )
    assert CALLS == [0.0, 0.0]
    torch.testing.assert_close(vectors, padded, atol=1e-5, rtol=1e-5)
    assert len(gradients) == len(with_padding) > 20
    for one, other in zip(gradients, with_padding, strict=True):
        torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-3)


@pytest.mark.usefixtures("card")
def test_in_half_precision_too() -> None:
    encoder = encoder_of("xlm-roberta", **STILL)
    with torch.autocast("cpu", torch.bfloat16):
        (vectors, gradients), (padded, with_padding) = (
            learned(encoder, batch(), wanted, READ["first"]) for wanted in (True, False)
        )
    torch.testing.assert_close(vectors, padded, atol=3e-2, rtol=3e-2)
    for one, other in zip(gradients, with_padding, strict=True):
        assert float((one - other).norm() / other.norm().clamp(min=1e-3)) < 0.05


@pytest.mark.usefixtures("card")
def test_embeddings_may_be_narrower_in_precision_than_what_comes_out() -> None:
    """Autocast on a card leaves a projection's outputs in bf16, and those of a norm in fp32."""
    encoder = encoder_of("bert", **STILL)
    encoder.embeddings.register_forward_hook(lambda _module, _inputs, output: output.bfloat16())
    encoder.encoder.layer[0].register_forward_pre_hook(lambda _module, inputs: (inputs[0].float(), *inputs[1:]))
    vectors, _ = learned(encoder, batch(), True)
    assert vectors.dtype is torch.float32


@pytest.mark.usefixtures("card")
def test_the_kernel_drops_weights_of_attention_in_every_block() -> None:
    encoder = encoder_of("bert", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.25)
    learned(encoder, batch(), True, READ["first"])
    learned(encoder, batch(), True)
    assert CALLS == 4 * [0.25]


@pytest.mark.usefixtures("card")
def test_a_batch_without_padding_is_left_to_fused_attention() -> None:
    encoder = encoder_of("bert", **STILL)
    vectors = [learned(encoder, batch((7, 7, 7)), wanted)[0] for wanted in (True, False)]
    torch.testing.assert_close(*vectors, atol=1e-5, rtol=1e-5)
    assert not CALLS


def test_texts_stand_one_after_the_other() -> None:
    tokens = torch.arange(4) < torch.tensor([3, 1, 4])[:, None]
    row = pack(tokens, 2)
    assert row.places.tolist() == [0, 1, 2, 4, 8, 9, 10, 11]
    assert (row.tokens.texts.tolist(), row.tokens.places.tolist()) == (
        [0, 0, 0, 1, 2, 2, 2, 2],
        [0, 1, 2, 0, 0, 1, 2, 3],
    )
    assert row.last is None
    read = torch.tensor([[0, 1, 1, 1], [0, 1, 1, 1], [1, 0, 0, 0]], dtype=torch.bool)
    last = pack(tokens, 2, read).last
    assert last is not None
    assert last.tokens.tolist() == [1, 2, 4]
    assert isinstance(last.attend, varlen.FlashAttention)
    assert (last.attend.looking.places.tolist(), last.attend.looking.longest) == ([0, 2, 2, 3], 2)
    assert (last.attend.seen.places.tolist(), last.attend.seen.longest) == ([0, 3, 4, 8], 4)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_operator_takes_this_and_gives_that(dtype: torch.dtype) -> None:
    """By torch's own account of its shapes, forwards and backwards, for a last block that reads first tokens."""
    tokens, texts = sum(LENGTHS), len(LENGTHS)
    query, key, value = (torch.empty(size, 4, 32, dtype=dtype, device="meta") for size in (texts, tokens, tokens))
    heads = [each.requires_grad_() for each in (query, key, value)]
    looking, seen = (TextEnds(torch.empty(texts + 1, dtype=torch.int32, device="meta"), most) for most in (1, 40))
    found = varlen.flash(heads, looking, seen, 0.1, 0.2)
    assert (found.shape, found.dtype) == (query.shape, dtype)
    found.sum().backward()  # type: ignore[no-untyped-call]
    assert all(each.grad is not None and each.grad.shape == each.shape for each in heads)


def wrong(change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """The stand-in, with something else done to what it gives."""
    return lambda *inputs: change(plain(*inputs))


class Backwards(torch.autograd.Function):
    """Right values, and gradients that are not theirs."""

    @staticmethod
    def forward(_context: Any, values: torch.Tensor) -> torch.Tensor:
        return values.clone()

    @staticmethod
    def backward(_context: Any, gradient: torch.Tensor) -> torch.Tensor:
        return 1.1 * gradient


class OtherMask(torch.autograd.Function):
    """Dropout that does not drop backwards what it dropped forwards."""

    @staticmethod
    def forward(_context: Any, values: torch.Tensor) -> torch.Tensor:
        return values * (torch.arange(values.numel()).view_as(values) % 2 * 2)

    @staticmethod
    def backward(_context: Any, gradient: torch.Tensor) -> torch.Tensor:
        return gradient * (1 - torch.arange(gradient.numel()).view_as(gradient) % 2) * 2


def drops_otherwise(heads: Any, looking: Any, seen: Any, probability: float, scale: float) -> Any:
    found = plain(heads, looking, seen, probability, scale)
    return OtherMask.apply(found) if probability else found  # type: ignore[no-untyped-call]


def missing(*_inputs: Any) -> torch.Tensor:
    raise RuntimeError("USE_FLASH_ATTENTION was not enabled for build.")


@pytest.mark.parametrize(
    ("kernel", "right"),
    [
        (plain, True),
        (wrong(lambda found: 1.1 * found), False),
        (wrong(lambda found: found.roll(1, 0)), False),
        (wrong(lambda found: found * float("nan")), False),
        (wrong(Backwards.apply), False),
        (lambda heads, looking, seen, *more: plain(heads, seen, seen, *more), False),
        (missing, False),
        (drops_otherwise, False),
    ],
)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_kernel_that_is_not_exact_is_not_used(
    monkeypatch: pytest.MonkeyPatch, kernel: Any, right: bool, dtype: torch.dtype
) -> None:
    is_exact.cache_clear()
    monkeypatch.setattr(varlen, "flash", kernel)
    assert is_exact(torch.device("cpu"), dtype, 32) is right
    is_exact.cache_clear()


def test_a_full_card_is_not_taken_for_one_without_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_inputs: Any) -> torch.Tensor:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 MiB")

    is_exact.cache_clear()
    monkeypatch.setattr(varlen, "flash", full)
    with pytest.raises(RuntimeError, match="out of memory"):
        is_exact(torch.device("cpu"), torch.bfloat16, 32)


def test_where_nothing_is_read_the_last_block_computes_all() -> None:
    tokens = torch.arange(4) < torch.tensor([3, 1])[:, None]
    assert pack(tokens, 2, torch.zeros(2, 4, dtype=torch.bool)).last is None


def test_only_cards_that_have_it_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(varlen, "is_exact", lambda *_: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0) if device.index else (7, 5))
    new, old = torch.device("cuda:1"), torch.device("cuda:0")
    assert runs(new, "bf16", 64)
    assert runs(new, "fp16", 32)
    assert not runs(new, "fp32", 64)
    assert not runs(new, "bf16", 36)
    assert not runs(new, "bf16", 200)
    assert not runs(old, "bf16", 64)
    assert not runs(torch.device("cpu"), "bf16", 64)
    monkeypatch.setattr(torch.version, "hip", "6.2")
    assert not runs(new, "bf16", 64)
