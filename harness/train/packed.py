"""Training without padding: blocks of the encoder see a micro-batch's tokens one after the other, as one long row.

Everything in a block but attention goes token by token, so nothing is lost when the texts stand in one row; attention
looks at one text at a time, or puts texts of similar length under each other again. Answers differ by rounding only.
Otherwise a step of random examples is either padded, often to twice its tokens, or cut into many small passes, each of
which costs by itself.

The last block answers for the tokens that the loss reads only: the first of each pair of sentences, first pieces of
words, hidden words. What the others would be, nothing depends on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from xharness.compute import dropout, kernels
from xharness.compute.kernels import Attention
from xharness.compute.last_block import is_known, some_tokens
from xharness.train import layout, varlen
from xharness.train.layout import PackedBatch

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Pack: TypeAlias = Callable[[torch.Tensor, int, "torch.Tensor | None"], PackedBatch]  # as layout.pack
_READ: ContextVar[torch.Tensor | None] = ContextVar("read", default=None)


@dataclass(frozen=True)
class Packing:
    """How a kind of device computes rows.

    Attributes:
        name: Of its attention, for transformers.
        pack: Lays out a micro-batch.
        otherwise: Attention of what is not in a row.
    """

    name: str
    pack: Pack
    otherwise: Attention


ON_PROCESSOR = Packing("xharness_packed", layout.pack, kernels.attention)
ON_CARD = Packing("xharness_packed_on_card", varlen.pack, kernels.fused_attention)


def packing_for(encoder: PreTrainedModel, precision: str) -> Packing | None:
    """How an encoder on its device can learn without padding; None for other architectures and compiled ones."""
    if not is_known(encoder):
        return None
    if encoder.device.type == "cpu":
        return ON_PROCESSOR if kernels.switched_is_exact() else None
    width = encoder.config.hidden_size // encoder.config.num_attention_heads
    return ON_CARD if varlen.runs(encoder.device, precision, width) else None


@contextmanager
def packed(encoder: PreTrainedModel, packing: Packing | None) -> Iterator[None]:
    """Let an encoder pass over tokens only, while it learns; without packing it stays as it is."""
    if packing is None:
        yield
        return
    before = encoder.config._attn_implementation
    kernels.use_attention(encoder, packing.name, functools.partial(_attention, otherwise=packing.otherwise))
    blocks: Any = encoder.encoder
    last: Any = blocks.layer[-1]
    blocks.forward = functools.partial(_forward, blocks, blocks.forward, packing.pack)
    last.forward = functools.partial(_last_block, last, last.forward)
    try:
        yield
    finally:
        del blocks.forward, last.forward
        encoder.set_attn_implementation(before)


@contextmanager
def reading(tokens: torch.Tensor | None) -> Iterator[None]:
    """Say which tokens' vectors the loss of a micro-batch reads, so that a packed encoder gives no others.

    Args:
        tokens: True at these tokens, of shape (texts, longest); None means all. The vectors of others come out as 0.
    """
    before = _READ.set(tokens)
    try:
        yield
    finally:
        _READ.reset(before)


def _forward(
    blocks: Any, plain: Callable[..., Any], pack: Pack, hidden: torch.Tensor, attention_mask: Any = None, **more: Any
) -> Any:
    """All blocks on (texts, longest, width), as the encoder calls them; padding comes out as zeros."""
    if attention_mask is None or not torch.is_grad_enabled():
        return plain(hidden, attention_mask, **more)
    row = pack(attention_mask[:, 0, 0], blocks.config.num_attention_heads, _READ.get())
    dropout.in_rows(row.by_size)
    flat = hidden.flatten(0, 1)
    outputs = plain(flat.index_select(0, row.places)[None], None, row=row, **more)
    places = row.places if row.last is None else row.places[row.last.tokens]
    tokens = outputs.last_hidden_state[0]
    outputs.last_hidden_state = tokens.new_zeros(flat.shape).index_copy(0, places, tokens).view_as(hidden)
    return outputs


def _last_block(
    block: Any,
    plain: Callable[..., Any],
    hidden: torch.Tensor,
    *inputs: Any,
    row: PackedBatch | None = None,
    **more: Any,
) -> Any:
    """The last block; of a row of which the loss reads some tokens, only those come out, shape (1, read, width)."""
    if row is None or row.last is None:
        return plain(hidden, *inputs, **more, **({} if row is None else {"row": row}))
    inner, last = block.attention.self, row.last
    probability = inner.dropout.p if inner.training else 0.0

    def attend(*three: torch.Tensor) -> torch.Tensor:
        width = inner.attention_head_size
        heads = [each[0].view(each.shape[1], inner.num_attention_heads, width) for each in three]
        return last.attend(heads, probability, width**-0.5).flatten(1)[None]

    return some_tokens(block, hidden, lambda tokens: tokens.index_select(1, last.tokens), attend)


def _attention(
    module: torch.nn.Module, *inputs: Any, otherwise: Attention, row: PackedBatch | None = None, **more: Any
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Attention of each text to itself; query, key and value of shape (1, heads, tokens, width of a head).

    Args:
        otherwise: What is done with texts that are not in a row.
    """
    if row is None:
        return otherwise(module, *inputs, **more)
    heads = [each[0].transpose(0, 1) for each in inputs[:3]]
    scale = more.get("scaling") or inputs[0].shape[-1] ** -0.5
    return row.attend(heads, more.get("dropout", 0.0), scale)[None], None
