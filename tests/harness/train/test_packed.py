"""Blocks that see tokens only answer as blocks that see padding, and learn the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.harness.train.small_encoders import LENGTHS, READ, batch, encoder_of, learned
from xharness.compute import kernels
from xharness.compute.last_block import FAMILIES
from xharness.train.packed import packed, packing_for


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns_the_same(family: str) -> None:
    encoder = encoder_of(family, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    (vectors, gradients), (padded, with_padding) = (learned(encoder, batch(), wanted) for wanted in (True, False))
    torch.testing.assert_close(vectors, padded, atol=1e-5, rtol=1e-5)
    assert len(gradients) == len(with_padding) > 20
    for one, other in zip(gradients, with_padding, strict=True):
        torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-3)


@pytest.mark.parametrize("which", READ)
@pytest.mark.parametrize("family", ["bert", "electra", "xlm-roberta-xl"])
def test_the_last_block_gives_what_is_read_only(family: str, which: str) -> None:
    encoder = encoder_of(family, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    (vectors, gradients), (padded, with_padding) = (
        learned(encoder, batch(), wanted, READ[which]) for wanted in (True, False)
    )
    torch.testing.assert_close(vectors, padded, atol=1e-5, rtol=1e-5)
    assert len(gradients) == len(with_padding) > 20
    for one, other in zip(gradients, with_padding, strict=True):
        torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-3)


@pytest.mark.parametrize("head", ["SequenceClassification", "MultipleChoice"])
@pytest.mark.parametrize("family", FAMILIES)
def test_heads_for_pairs_and_choices_read_the_first_token(family: str, head: str) -> None:
    import transformers

    config = encoder_of(family).config
    model = getattr(transformers, f"AutoModelFor{head}").from_config(config)
    kept: list[torch.Tensor] = []
    model.base_model.encoder.register_forward_hook(lambda _module, _inputs, output: kept.append(output[0]))
    inputs = {name: value[:, None] if head == "MultipleChoice" else value for name, value in batch().items()}
    (gradient,) = torch.autograd.grad(model(**inputs).logits.square().sum(), kept)
    assert torch.equal(gradient.abs().sum(-1) > 0, READ["first"])


def test_the_last_block_computes_no_other_token() -> None:
    encoder = encoder_of("bert")
    seen: list[int] = []
    for block in encoder.encoder.layer:
        block.output.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0].shape[1]))
    learned(encoder, batch(), True, READ["first"])
    assert seen == [sum(LENGTHS), len(LENGTHS)]


def test_a_batch_without_padding_stays_as_it_is() -> None:
    encoder = encoder_of("bert", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    assert torch.equal(*(learned(encoder, batch((7, 7, 7)), wanted)[0] for wanted in (True, False)))


def test_long_texts_go_through_fused_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = encoder_of("bert", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    padded = learned(encoder, batch(), False)[0]
    read = READ["some"][:, :, None]
    monkeypatch.setattr(kernels, "SHORT", 20)
    torch.testing.assert_close(learned(encoder, batch(), True)[0], padded, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(learned(encoder, batch(), True, READ["some"])[0], padded * read, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("read", [None, READ["some"]], ids=["all", "some"])
def test_activations_computed_twice_are_the_same(read: torch.Tensor | None) -> None:
    encoder = encoder_of("xlm-roberta")
    once = learned_with_dropout(encoder, read)
    encoder.gradient_checkpointing_enable()
    for one, other in zip(once, learned_with_dropout(encoder, read), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-3)


def learned_with_dropout(encoder: Any, read: torch.Tensor | None = None) -> list[torch.Tensor]:
    torch.manual_seed(5)
    return learned(encoder, batch(), True, read)[1]


def test_dropout_happens_and_follows_the_seed() -> None:
    encoder = encoder_of("bert")
    first, again = learned_with_dropout(encoder), learned_with_dropout(encoder)
    assert all(map(torch.equal, first, again))
    still = encoder_of("bert", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    assert not torch.allclose(first[3], learned(still, batch(), True)[1][3], atol=1e-4)


def test_other_architectures_and_what_comes_after_are_left_alone() -> None:
    encoder = encoder_of("bert")
    with kernels.faster_training(encoder), packed(encoder, packing_for(encoder, "fp32")):
        assert "forward" in vars(encoder.encoder)
        with torch.no_grad():
            assert torch.equal(encoder.eval()(**batch())[0], encoder(**batch())[0])
    assert not any("forward" in vars(module) for module in encoder.modules())
    assert encoder.config._attn_implementation == "sdpa"
    encoder.compile()
    assert packing_for(encoder, "fp32") is None
    assert packing_for(encoder_of("bert", is_decoder=True), "fp32") is None
    assert packing_for(encoder_of("electra", summary_type="mean"), "fp32") is None
    other = encoder_of("modernbert", cls_token_id=2, sep_token_id=3)
    assert packing_for(other, "fp32") is None
    with kernels.faster_training(other), packed(other, packing_for(other, "fp32")):
        assert other(**batch())[0].shape == (len(LENGTHS), 40, 32)
