"""Training without padding: blocks of the encoder see a micro-batch's tokens one after the other, as one long row.

Everything in a block but attention goes token by token, so nothing is lost when the texts stand in one row; attention
puts texts of similar length under each other again. Answers differ by rounding only. On a processor that is worth it:
otherwise a step of random examples is either padded or cut into many small passes, each of which lays out every weight
anew and adds to every gradient.

The last block answers for the tokens that the loss reads only: the first of each pair of sentences, first pieces of
words, hidden words. What the others would be, nothing depends on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import torch

from xharness.compute import dropout, kernels
from xharness.compute.last_block import is_known, some_tokens
from xharness.train.layout import LengthGroup, PackedBatch, pack

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ATTENTION = "xharness_packed"
_READ: ContextVar[torch.Tensor | None] = ContextVar("read", default=None)


def fits(encoder: PreTrainedModel) -> bool:
    """Whether an encoder on the processor can learn without padding: by its architecture, if it is not compiled."""
    return is_known(encoder) and encoder.device.type == "cpu" and kernels.switched_is_exact()


@contextmanager
def packed(encoder: PreTrainedModel) -> Iterator[None]:
    """Let an encoder that :func:`fits` pass over tokens only, while it learns; any other stays as it is."""
    if not fits(encoder):
        yield
        return
    before = encoder.config._attn_implementation
    kernels.use_attention(encoder, ATTENTION, _attention)
    blocks: Any = encoder.encoder
    last: Any = blocks.layer[-1]
    blocks.forward = functools.partial(_forward, blocks, blocks.forward)
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
    blocks: Any, plain: Callable[..., Any], hidden: torch.Tensor, attention_mask: Any = None, **more: Any
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
    outputs.last_hidden_state = torch.zeros_like(flat).index_copy(0, places, tokens).view_as(hidden)
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
        return _by_groups(heads, last.groups, last.sizes, row.sizes, probability, width**-0.5).flatten(1)[None]

    return some_tokens(block, hidden, lambda tokens: tokens.index_select(1, last.tokens), attend)


def _attention(
    module: torch.nn.Module, *inputs: Any, row: PackedBatch | None = None, **more: Any
) -> tuple[torch.Tensor, None]:
    """Attention of each text to itself; query, key and value of shape (1, heads, tokens, width of a head)."""
    if row is None:
        return kernels.attention(module, *inputs, **more)
    heads = [each[0].transpose(0, 1) for each in inputs[:3]]
    scale = more.get("scaling") or inputs[0].shape[-1] ** -0.5
    return _by_groups(heads, row.groups, row.sizes, row.sizes, more.get("dropout", 0.0), scale)[None], None


def _by_groups(
    heads: Sequence[torch.Tensor],
    groups: Sequence[LengthGroup],
    looking: list[int],
    seen: list[int],
    probability: float,
    scale: float,
) -> torch.Tensor:
    """Attention group by group; queries, keys, values and the result of shape (tokens, heads, width of a head)."""
    parts = [torch.split(each, sizes) for each, sizes in zip(heads, (looking, seen, seen), strict=True)]
    outputs, call = [], dropout.next_call() if probability else 0
    for group, query, key, value in zip(groups, *parts, strict=True):
        q, k, v = group.looking.spread(query), group.seen.spread(key), group.seen.spread(value)
        if group.seen.shape[2] > kernels.SHORT and not probability:
            found = torch.nn.functional.scaled_dot_product_attention(q, k, v, group.mask, scale=scale)
        else:
            drop = functools.partial(dropout.drop_attention, probability=probability, call=call, tokens=group.tokens)
            found = kernels.products(q, k, v, group.mask, drop if probability else None, scale)
        outputs.append(group.looking.collect(found))
    return torch.cat(outputs)
