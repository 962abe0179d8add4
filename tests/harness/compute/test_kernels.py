from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.models import ARCHITECTURES, save_tiny
from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute import kernels
from xharness.compute.device import Device
from xharness.compute.loading import load
from xharness.predict.stream import pad

TEXTS = ["a b", "the quick brown fox jumps", "x", "lo rem ip sum do lor sit a met " * 8]


def both(tmp_path: Path, architecture: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The same encoder, as transformers has it and sped up."""
    checkpoint = inspect(save_tiny(tmp_path / architecture, architecture, "encoder", ()))
    fast = load(checkpoint, Head.ENCODER, Device("cpu", "fp32"))
    monkeypatch.setattr(kernels, "speed_up", lambda model: None)
    return load(checkpoint, Head.ENCODER, Device("cpu", "fp32")), fast


@pytest.fixture(params=["AVX512", "AVX2"])
def capability(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the processor is said to have: both ways compute everywhere."""
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: request.param)
    return str(request.param)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_answers_as_before(
    architecture: str, capability: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, fast = both(tmp_path, architecture, monkeypatch)
    rows = plain.tokenizer(TEXTS)["input_ids"]
    inputs = pad(plain, rows, [None] * len(rows))
    with torch.inference_mode():
        expected, found = (each.model(**inputs).last_hidden_state for each in (plain, fast))
    real = inputs["attention_mask"].bool()
    assert torch.allclose(found[real], expected[real], atol=2e-6, rtol=2e-5)
    assert fast.model.state_dict().keys() == plain.model.state_dict().keys()


def test_packed_products_are_really_used(capability: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, fast = both(tmp_path, "xlm-roberta", monkeypatch)
    packed = "mkldnn::_linear_pointwise"
    assert packed not in operators(plain)
    assert kernels.packed_is_exact()
    assert (packed in operators(fast)) is not kernels.mkl_is_faster()
    assert capability == "AVX2" or not kernels.mkl_is_faster()
    assert not any("scaled_dot_product" in name for name in operators(fast))
    assert "aten::gelu" in operators(plain) and "aten::gelu" not in operators(fast)


def operators(loaded: Any) -> set[str]:
    inputs = pad(loaded, loaded.tokenizer(TEXTS)["input_ids"], [None] * len(TEXTS))
    with torch.inference_mode(), torch.profiler.profile() as seen:
        loaded.model(**inputs)
    return {event.key for event in seen.key_averages()}


@pytest.mark.parametrize("architecture", ["bert", "xlm-roberta", "modernbert"])
def test_half_precision_rounds_no_more_than_before(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = inspect(save_tiny(tmp_path / architecture, architecture, "encoder", ()))
    fast = load(checkpoint, Head.ENCODER, Device("cpu", "bf16"))
    exact, _ = both(tmp_path, architecture, monkeypatch)
    plain = load(checkpoint, Head.ENCODER, Device("cpu", "bf16"))
    inputs = pad(exact, exact.tokenizer(TEXTS)["input_ids"], [None] * len(TEXTS))
    with torch.inference_mode():
        right, shipped, ours = (each.model(**inputs).last_hidden_state.float() for each in (exact, plain, fast))
    real = inputs["attention_mask"].bool()
    worst = [float((found - right)[real].abs().max()) for found in (shipped, ours)]
    assert 0 < worst[1] < 1.5 * worst[0]


@pytest.mark.parametrize("lacking", ["operator", "exactness"])
def test_without_exact_products_the_model_stays_as_it_is(
    lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels.packed_is_exact.cache_clear()
    operators = SimpleNamespace(
        _reorder_linear_weight=torch.ops.mkldnn._reorder_linear_weight,
        _linear_pointwise=missing_operator if lacking == "operator" else bf16_product,
    )
    monkeypatch.setattr(torch.ops, "mkldnn", operators)
    try:
        assert not kernels.packed_is_exact()
        checkpoint = inspect(save_tiny(tmp_path / "model", "bert", "encoder", ()))
        model = load(checkpoint, Head.ENCODER, Device("cpu", "fp32")).model
        assert model.config._attn_implementation == "sdpa"
    finally:
        kernels.packed_is_exact.cache_clear()


def missing_operator(*_arguments: Any) -> torch.Tensor:
    raise AttributeError("no such operator")


def bf16_product(inputs: torch.Tensor, packed: torch.Tensor, *_rest: Any) -> torch.Tensor:
    return (inputs.bfloat16() @ packed.to_dense().bfloat16().T).float()


@pytest.mark.parametrize("tokens", [1, 7, kernels.LANES, kernels.SHORT + 1])
@pytest.mark.parametrize("masked", ["none", "bool", "float"])
def test_attention_equals_the_fused_one(tokens: int, masked: str) -> None:
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    torch.manual_seed(0)
    query, key, value = (torch.randn(3, 2, tokens, 4) for _ in range(3))
    keep = torch.ones(3, 1, tokens, tokens, dtype=torch.bool)
    keep[1, :, :, tokens // 2 + 1 :] = False
    keep[2, :, -1, 0] = tokens == 1  # a mask that is not the same for every query
    mask = {"none": None, "bool": keep, "float": torch.where(keep, 0.0, torch.finfo(torch.float32).min)}[masked]
    module = torch.nn.Module()
    ours, _ = kernels.attention(module, query, key, value, mask, scaling=0.5, is_causal=False)
    theirs, _ = sdpa_attention_forward(module, query, key, value, mask, scaling=0.5, is_causal=False)
    assert ours.shape == (3, tokens, 2, 4)
    assert torch.allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("tokens", [kernels.NARROW - 1, kernels.NARROW, 130])
def test_attention_in_bf16_sums_in_fp32(tokens: int) -> None:
    """Weights are those of a softmax in fp32, rounded once; learning rounds by bf16's last digits."""
    torch.manual_seed(0)
    query, key = (torch.randn(2, 3, tokens, 8).bfloat16() for _ in range(2))
    weights = kernels.products(query, key, torch.eye(tokens).bfloat16().expand(2, 3, -1, -1), None, None, 0.5)
    scores = (query * 0.5) @ key.transpose(2, 3)
    assert float((weights == scores.float().softmax(3).bfloat16()).double().mean()) > 0.999
    inputs = [torch.randn(2, 3, tokens, 8).bfloat16() for _ in range(4)]
    found = []
    for dtype in (torch.bfloat16, torch.float32):
        query, key, value = (each.to(dtype).requires_grad_() for each in inputs[:3])
        outputs = kernels.products(query, key, value, None, None, 0.5)
        found.append([outputs, *torch.autograd.grad(outputs, (query, key, value), inputs[3].to(dtype))])
    for narrow, wide in zip(*found, strict=True):
        assert narrow.dtype is torch.bfloat16
        assert float((narrow - wide).detach().abs().max() / wide.detach().abs().max()) < 2**-6


def test_products_elsewhere_keep_the_precision_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is exact on this processor is TF32 on a GPU."""
    kernels.switched_is_exact()  # which asks the processor, once
    monkeypatch.setattr(torch, "set_float32_matmul_precision", lambda _said: pytest.fail("switched"))
    left, right = (torch.empty(2, 3, 3, device="meta") for _ in range(2))
    assert kernels.product(left, right).shape == (2, 3, 3)


def test_a_decoder_keeps_looking_back_only() -> None:
    query, key, value = (torch.randn(1, 1, 3, 4) for _ in range(3))
    module = torch.nn.Module()
    causal, _ = kernels.attention(module, query, key, value, None, is_causal=True)
    assert torch.allclose(causal[:, 0], value[:, :, 0], atol=1e-6)


def test_training_is_as_exact_and_leaves_the_switch_as_it_was(tmp_path: Path) -> None:
    checkpoint = inspect(save_tiny(tmp_path / "model", "xlm-roberta", "encoder", ()))
    device = Device("cpu", "fp32")

    def gradient(faster: bool) -> torch.Tensor:
        from contextlib import nullcontext

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernels, "speed_up", lambda model: None)
            loaded = load(checkpoint, Head.ENCODER, device)
        rows = loaded.tokenizer(TEXTS)["input_ids"]
        switched = faster and kernels.switched_is_exact()
        with kernels.faster_training(loaded.model) if faster else nullcontext():
            assert torch.get_float32_matmul_precision() == ("medium" if switched else "highest")
            assert loaded.model.config._attn_implementation == (kernels.ATTENTION if faster else "sdpa")
            inputs = pad(loaded, rows, [None] * len(rows))
            states = loaded.model(**inputs).last_hidden_state[inputs["attention_mask"].bool()]
            torch.autograd.backward((states[:, :5] ** 3).sum())
        gradients = [p.grad.flatten() for p in loaded.model.parameters() if p.grad is not None]
        return torch.cat(gradients)

    plain, fast = gradient(False), gradient(True)
    assert torch.get_float32_matmul_precision() == "highest"
    assert torch.allclose(fast, plain, atol=1e-5 * float(plain.abs().max()))


def test_a_processor_that_takes_the_offer_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    kernels.switched_is_exact.cache_clear()
    linear = torch.nn.functional.linear
    monkeypatch.setattr(torch.nn.functional, "linear", lambda x, w: linear(x.bfloat16(), w.bfloat16()).float())
    try:
        tiny = torch.nn.Linear(2, 2)
        tiny.config = SimpleNamespace(_attn_implementation="sdpa")  # type: ignore[assignment]
        tiny._can_set_attn_implementation = lambda: False  # type: ignore[assignment]
        with kernels.faster_training(tiny):
            assert torch.get_float32_matmul_precision() == "highest"
    finally:
        kernels.switched_is_exact.cache_clear()


def test_dropout_of_attention_keeps_the_mean() -> None:
    torch.manual_seed(0)
    value = torch.ones(1, 1, 64, 2000)
    query = torch.zeros(1, 1, 64, 2000)
    out, _ = kernels.attention(torch.nn.Module(), query, query, value, None, dropout=0.25, is_causal=False)
    assert out.std() > 0.01 and abs(float(out.mean()) - 1) < 0.05
