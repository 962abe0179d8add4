"""Faster arithmetic on processors: the same model, the same answers to the last digits of the number format.

torch multiplies fp32 matrices by MKL, which on processors of other makers than Intel uses AVX2 and no more: half of
what those with AVX-512 can. oneDNN, which torch carries as well, uses all, most of all if a weight is laid out for it
once instead of at every call. Where AVX2 is all there is, MKL is faster, and needs no second copy of the weights.
Fused attention is made for long inputs; for short ones two plain matrix products are faster.

What is used depends on torch and on the processor, never on a timing, so that equal runs give equal bytes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from xharness.compute.dropout import drop, own_dropout

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Attention: TypeAlias = Callable[..., tuple[torch.Tensor, torch.Tensor | None]]
"""As :func:`attention`, in place of any of transformers' own."""

ATTENTION = "xharness_matmul"
SHORT = 512  # tokens up to which plain products are faster than fused attention
LANES = 16  # floats in a vector register: torch's softmax along a shorter last dimension goes one by one
NARROW = 96  # tokens from which torch's softmax of bf16 is as fast as by way of fp32, and learns twice as fast
# Relative errors that products of a few hundred terms stay far below, and those of the next coarser format far above.
ROUNDING = {torch.float32: 1e-5, torch.bfloat16: 1e-2}
BEYOND_PRODUCTS = ("softcap", "cache", "s_aux")  # arguments of attention that change its formula
ROWS_HINT = 1024  # rows for which oneDNN lays weights out; others work as well


def speed_up(model: torch.nn.Module) -> None:
    """Make a model on the processor answer faster, in place. Its parameters stay as they are; gradients are lost.

    Does nothing where torch has no oneDNN, or where its products are not as exact as the number format should be.
    """
    dtype = next(model.parameters()).dtype
    if not packed_is_exact(dtype):
        return
    fused, plain = set(), dtype is torch.float32 and mkl_is_faster()
    modules: Iterator[Any] = model.modules()
    for module in modules:
        if _expands_by_gelu(module) and plain:
            module.forward = functools.partial(_gelu_in_place, module.dense)
        elif _expands_by_gelu(module):
            fused.add(module.dense)
            module.forward = _packed(module.dense, "gelu")
        elif type(module) is torch.nn.Linear and module not in fused and not plain:
            module.forward = _packed(module)  # type: ignore[method-assign, assignment]
    _use_plain_attention(model)


def _expands_by_gelu(module: torch.nn.Module) -> bool:
    """True for the first half of a feed-forward layer as BERT and its kin have it: a product, then the exact GELU."""
    from transformers.activations import GELUActivation

    activation: Any = getattr(module, "intermediate_act_fn", None)
    exact = type(activation) is GELUActivation and activation.act is torch.nn.functional.gelu
    return exact and type(getattr(module, "dense", None)) is torch.nn.Linear


def mkl_is_faster() -> bool:
    """True where MKL's fp32 products are as good as the processor; oneDNN's GELU is slow there as well."""
    available = bool(torch.backends.mkl.is_available())  # type: ignore[no-untyped-call]
    return available and torch.backends.cpu.get_cpu_capability() == "AVX2"


def _gelu_in_place(linear: torch.nn.Linear, inputs: torch.Tensor) -> torch.Tensor:
    """What a layer computes, and the exact GELU in the same memory."""
    outputs: torch.Tensor = torch.ops.aten.gelu_(linear(inputs))
    return outputs


def _packed(linear: torch.nn.Linear, after: str = "none") -> Callable[[torch.Tensor], torch.Tensor]:
    """What a layer computes, and what comes after it, by a packed weight."""
    return functools.partial(_linear, pack(linear.weight), linear.bias, after=after)


@contextmanager
def faster_training(encoder: PreTrainedModel, model: torch.nn.Module | None = None) -> Iterator[None]:
    """Let oneDNN multiply the fp32 matrices of everything that is trained meanwhile, if it rounds as fp32 should.

    Masks of dropout are drawn by :mod:`xharness.compute.dropout`, also those of attention; the layers are those of
    ``model``, which is the encoder with its heads, if it is given.

    torch has a switch for this that allows less exact products, too; where a processor takes that offer (Intel's AMX
    does), the switch stays as it was.
    """
    before, attention_before = torch.get_float32_matmul_precision(), encoder.config._attn_implementation
    cpu = {(parameter.device.type, parameter.dtype) for parameter in encoder.parameters()} == {("cpu", torch.float32)}
    try:
        if cpu and switched_is_exact():
            torch.set_float32_matmul_precision("medium")
        if cpu:
            _use_plain_attention(encoder)
        with own_dropout(model or encoder) if cpu else nullcontext():
            yield
    finally:
        torch.set_float32_matmul_precision(before)
        if encoder.config._attn_implementation != attention_before:
            encoder.set_attn_implementation(attention_before)


@functools.cache
def switched_is_exact() -> bool:
    """True if products stay fp32 where torch is told that they need not be."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        error = max(_error(torch.nn.functional.linear), _error(lambda inputs, weight: (inputs[None] @ weight.T)[0]))
        return torch.backends.mkldnn.is_available() and error < ROUNDING[torch.float32]  # type: ignore[no-untyped-call]
    finally:
        torch.set_float32_matmul_precision(before)


def _error(
    product: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    after: Callable[[torch.Tensor], torch.Tensor] = lambda outputs: outputs,
    dtype: torch.dtype = torch.float32,
) -> float:
    """The largest error of ``product(inputs, weight)`` against float64, relative to the largest result."""
    generator = torch.Generator().manual_seed(0)
    inputs, weight = (torch.randn(rows, 384, generator=generator).to(dtype) for rows in (64, 96))
    exact = after(inputs.double() @ weight.double().T)
    return float((product(inputs, weight) - exact).abs().max() / exact.abs().max())


def pack(weight: torch.Tensor) -> torch.Tensor:
    """A weight of shape (out, in), laid out as oneDNN likes it."""
    packed: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.detach().clone(), ROWS_HINT)
    return packed


def _linear(packed: torch.Tensor, bias: torch.Tensor | None, inputs: torch.Tensor, after: str = "none") -> torch.Tensor:
    """``inputs @ weight.T + bias`` by a packed weight, and ``gelu`` after it if wanted."""
    outputs: torch.Tensor = torch.ops.mkldnn._linear_pointwise(inputs, packed, bias, after, [], "none")
    return outputs


@functools.cache
def packed_is_exact(dtype: torch.dtype = torch.float32) -> bool:
    """True if packed products exist here and round as ``dtype`` does: oneDNN may be allowed to compute in bf16."""
    if dtype not in ROUNDING or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    gelu = torch.nn.functional.gelu
    try:
        plain = _error(lambda inputs, weight: _linear(pack(weight), None, inputs), dtype=dtype)
        fused = _error(lambda inputs, weight: _linear(pack(weight), None, inputs, "gelu"), gelu, dtype)
        return max(plain, fused) < ROUNDING[dtype]
    except (AttributeError, RuntimeError):  # private operators of torch, which another version may lack
        return False


def _use_plain_attention(model: PreTrainedModel) -> None:
    """Let models whose attention goes through transformers' interface use ours."""
    if getattr(model.config, "_attn_implementation", None) == "sdpa" and model._can_set_attn_implementation():
        use_attention(model, ATTENTION, attention)


def use_attention(model: PreTrainedModel, name: str, function: Attention) -> None:
    """Give a model an attention of ours, which takes masks as fused attention does."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(name, function)
    AttentionMaskInterface.register(name, sdpa_mask)
    model.set_attn_implementation(name)


def fused_attention(*inputs: Any, **more: Any) -> tuple[torch.Tensor, None]:
    """Transformers' own fused attention."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    found: tuple[torch.Tensor, None] = sdpa_attention_forward(*inputs, **more)
    return found


def takes_masks_of_sdpa(model: PreTrainedModel) -> bool:
    """True for fused attention and for ours: masks are None or True at what is seen, (rows, 1, tokens, tokens)."""
    from transformers import AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    return AttentionMaskInterface().get(model.config._attn_implementation) is sdpa_mask


def attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    position_bias: torch.Tensor | None = None,
    **more: object,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers calls it: query, key and value of shape (rows, heads, tokens, width of a head).

    Short inputs of encoders, and those that dropout changes, are two matrix products and a softmax; everything else is
    transformers' own fused path.
    """
    causal = is_causal if is_causal is not None else getattr(module, "is_causal", True)
    unusual = (attention_mask is None and causal) or any(more.get(name) is not None for name in BEYOND_PRODUCTS)
    short = query.shape[2] <= SHORT and position_bias is None
    if unusual or key.shape != query.shape or not (short or dropout):
        return fused_attention(
            module, query, key, value, attention_mask, dropout, scaling, is_causal, position_bias, **more
        )
    if position_bias is not None:
        attention_mask = position_bias if attention_mask is None else position_bias + _addend(attention_mask, query)
    dropping = functools.partial(drop, probability=dropout) if dropout else None
    scale = scaling or query.shape[-1] ** -0.5
    return products(query, key, value, attention_mask, dropping, scale).transpose(1, 2).contiguous(), None


def products(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    dropping: Callable[[torch.Tensor], torch.Tensor] | None,
    scale: float,
) -> torch.Tensor:
    """Attention as two matrix products and a softmax.

    Args:
        query: Shape (rows, heads, tokens that look, width of a head), as the result.
        key: Shape (rows, heads, tokens, width of a head), as ``value``.
        mask: True at tokens, or to be added to the products; broadcasts to (rows, heads, tokens that look, tokens).
        dropping: Drops some of the weights, shape (rows, heads, tokens that look, tokens).
    """
    scaled, turned = query * scale, key.shape[2] < LANES
    scores = product(key, scaled.transpose(2, 3)) if turned else product(scaled, key.transpose(2, 3))
    if mask is not None and turned:
        mask = mask.transpose(2, 3)
    if mask is not None:
        scores = scores + mask if mask.requires_grad else scores.add_(_addend(mask, scores))
    between = torch.float32 if key.shape[2] < NARROW else None  # sums are fp32 in either case
    weights = torch.softmax(scores, 2 if turned else 3, dtype=between).to(value.dtype)
    weights = weights.transpose(2, 3) if turned else weights
    return product(dropping(weights) if dropping else weights, value)


def _addend(mask: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """A mask as what is added to products; filling them goes element by element, adding does not."""
    if mask.dtype is not torch.bool:
        return mask
    return like.new_zeros(mask.shape).masked_fill_(~mask, torch.finfo(like.dtype).min)


def product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """A product by oneDNN where that is exact; for batches of heads of 32 MKL takes up to three times as long."""
    here = left.device.type == "cpu" and left.dtype is torch.float32  # a GPU would take the switch for leave to round
    if torch.compiler.is_compiling() or not (here and switched_is_exact()):
        return torch.matmul(left, right)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        return torch.matmul(left, right)
    finally:
        torch.set_float32_matmul_precision(before)
