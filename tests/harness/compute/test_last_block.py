"""A last block that computes first tokens only gives heads for pairs and choices what the whole block gives them."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from xharness.compute import kernels
from xharness.compute.last_block import FAMILIES, first_token_only, is_known

LENGTHS = (3, 40, 17, 38, 1, 5, 40, 2)
SIZES = {
    "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48, "vocab_size": 90,
    "max_position_embeddings": 64, "pad_token_id": 1, "initializer_range": 0.3,
}  # fmt: skip


def model_of(family: str, head: str = "SequenceClassification", **more: Any) -> Any:
    import transformers

    torch.manual_seed(0)
    attention = more.pop("attn_implementation", None)
    config = transformers.AutoConfig.for_model(family, **{**SIZES, **more})
    return getattr(transformers, f"AutoModelFor{head}").from_config(config, attn_implementation=attention).eval()


def batch(lengths: tuple[int, ...] = LENGTHS) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    ids = torch.where(mask, torch.randint(5, 90, mask.shape), torch.tensor(1))
    return {"input_ids": ids, "attention_mask": mask.long()}


def logits(model: Any, inputs: dict[str, torch.Tensor], head: str) -> torch.Tensor:
    rows = {name: value[:, None] if head == "MultipleChoice" else value for name, value in inputs.items()}
    with torch.inference_mode():
        found: torch.Tensor = model(**rows).logits
    return found


def fed_forward(model: Any) -> list[int]:
    """The tokens that go through the feed-forward layer of each block that runs from now on."""
    seen: list[int] = []
    for block in model.base_model.encoder.layer:
        block.output.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0].shape[1]))
    return seen


@pytest.mark.parametrize("head", ["SequenceClassification", "MultipleChoice"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("lengths", [LENGTHS, (7, 7), (1,)], ids=["padded", "equal", "one token"])
def test_heads_are_told_the_same(family: str, head: str, lengths: tuple[int, ...]) -> None:
    model, inputs = model_of(family, head), batch(lengths)
    whole = logits(model, inputs, head)
    seen = fed_forward(model)
    with first_token_only(model.base_model):
        first = logits(model, inputs, head)
    torch.testing.assert_close(first, whole, atol=1e-5, rtol=1e-5)
    assert seen == [max(lengths), max(lengths), 1]
    assert torch.equal(logits(model, inputs, head), whole), "afterwards the model is as it was"


def test_packed_weights_and_our_attention_give_the_same() -> None:
    model = model_of("xlm-roberta")
    whole = logits(model, batch(), "")
    kernels.speed_up(model)
    assert model.config._attn_implementation == kernels.ATTENTION
    with first_token_only(model.base_model):
        torch.testing.assert_close(logits(model, batch(), ""), whole, atol=1e-5, rtol=1e-5)


def test_half_precision_rounds_no_more_than_the_whole_block() -> None:
    exact = logits(model_of("bert"), batch(), "")
    model = model_of("bert").to(torch.bfloat16)
    whole = logits(model, batch(), "").float()
    with first_token_only(model.base_model):
        first = logits(model, batch(), "").float()
    assert 0 < (first - exact).abs().max() < 1.5 * (whole - exact).abs().max()


def test_what_was_in_the_place_of_a_block_comes_back() -> None:
    model = model_of("bert")
    last = model.base_model.encoder.layer[-1]
    last.forward = given = type(last).forward.__get__(last)
    with first_token_only(model.base_model):
        assert last.forward is not given
    assert last.forward is given


OTHERS: dict[str, dict[str, Any]] = {
    "deberta-v2": {}, "modernbert": {"cls_token_id": 2, "sep_token_id": 3}, "mpnet": {}, "rembert": {},
    "distilbert": {"dim": 32, "n_heads": 4, "n_layers": 3, "hidden_dim": 48},
}  # fmt: skip


@pytest.mark.parametrize("family", OTHERS)
def test_other_architectures_keep_the_plain_path(family: str) -> None:
    model = model_of(family, **OTHERS[family])
    before = {name: vars(module).get("forward") for name, module in model.named_modules()}
    with first_token_only(model.base_model):
        assert {name: vars(module).get("forward") for name, module in model.named_modules()} == before


def test_blocks_that_look_back_only_other_heads_and_other_masks_are_not_known() -> None:
    assert is_known(model_of("bert").base_model)
    assert not is_known(model_of("bert", is_decoder=True).base_model)
    assert not is_known(model_of("electra", "MultipleChoice", summary_type="mean").base_model)
    assert not is_known(model_of("bert", attn_implementation="eager").base_model)
    compiled = model_of("bert").base_model
    compiled.compile()
    assert not is_known(compiled)
