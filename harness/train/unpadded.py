"""Training without padding: blocks of the encoder see a micro-batch's tokens one after the other, as one long row.

Everything in a block but attention goes token by token, so nothing is lost when the texts stand in one row; attention
puts texts of similar length under each other again. Answers differ by rounding only. On a processor that is worth it:
otherwise a step of random examples is either padded or cut into many small passes, each of which lays out every weight
anew and adds to every gradient.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from harness import kernels
from harness.train.cut import cut

ATTENTION = "xharness_unpadded"
# Architectures whose blocks take positions from the embeddings alone and live in ``encoder.encoder``.
FAMILIES = ("bert", "camembert", "electra", "ernie", "roberta", "xlm-roberta", "xlm-roberta-xl")
OVERHEAD = 128  # tokens of padding in attention that take as long as one more group


@dataclass(frozen=True)
class Group:
    """Texts that attention computes together.

    Attributes:
        shape: Texts, heads, and tokens of the longest text.
        places: Where each token's heads go among texts x heads x longest places, shape (tokens x heads,).
        mask: True at tokens, of shape (texts, 1, 1, longest); None if there is no padding.
    """

    shape: tuple[int, int, int]
    places: torch.Tensor
    mask: torch.Tensor | None

    def spread(self, tokens: torch.Tensor) -> torch.Tensor:
        """(tokens, heads, width) to (texts, heads, longest, width), zeros at padding."""
        texts, heads, longest = self.shape
        room = tokens.new_zeros((texts * heads * longest, tokens.shape[-1]))
        return room.index_copy_(0, self.places, tokens.reshape(-1, tokens.shape[-1])).view(*self.shape, -1)

    def collect(self, outputs: torch.Tensor) -> torch.Tensor:
        """The way back."""
        return outputs.flatten(0, 2).index_select(0, self.places).view(-1, self.shape[1], outputs.shape[-1])


@dataclass(frozen=True)
class Row:
    """How the texts of a padded micro-batch stand in one row, longest first.

    Attributes:
        places: Where the tokens stood among texts x longest places, in the order of the row.
        groups: The texts, by similar length.
        sizes: Tokens of each group.
    """

    places: torch.Tensor
    groups: Sequence[Group]
    sizes: list[int]


def in_one_row(tokens: torch.Tensor, heads: int) -> Row:
    """Lay out a micro-batch.

    Args:
        tokens: Shape (texts, longest), True at tokens.
        heads: Of attention.
    """
    lengths = tokens.sum(1)
    parts = [torch.as_tensor(part) for part in cut(lengths.tolist(), tokens.numel(), OVERHEAD)]
    numbers = torch.arange(tokens.numel()).view_as(tokens)
    places = [numbers[part][tokens[part]] for part in parts]
    return Row(torch.cat(places), [_group(lengths[part], heads) for part in parts], [len(each) for each in places])


def _group(lengths: torch.Tensor, heads: int) -> Group:
    texts, longest = len(lengths), int(lengths.max())
    filled = torch.arange(longest) < lengths[:, None]
    numbers = torch.arange(texts * heads * longest).view(texts, heads, longest).transpose(1, 2)
    return Group((texts, heads, longest), numbers[filled].flatten(), None if filled.all() else filled[:, None, None])


def fits(encoder: Any) -> bool:
    """Whether an encoder on the processor can learn without padding: by its architecture, if it is not compiled."""
    fused = getattr(encoder.config, "_attn_implementation", None) in ("sdpa", kernels.ATTENTION, ATTENTION)
    plain = getattr(encoder, "_compiled_call_impl", None) is None and encoder.device.type == "cpu"
    return plain and fused and encoder.config.model_type in FAMILIES and kernels.switched_is_exact()


@contextmanager
def unpadded(encoder: Any) -> Iterator[None]:
    """Let an encoder that :func:`fits` pass over tokens only, while it learns; any other stays as it is."""
    if not fits(encoder):
        yield
        return
    before = encoder.config._attn_implementation
    kernels.use_attention(encoder, ATTENTION, _attention)
    blocks: Any = encoder.encoder
    blocks.forward = functools.partial(_forward, blocks, blocks.forward)
    try:
        yield
    finally:
        del blocks.forward
        encoder.set_attn_implementation(before)


def _forward(
    blocks: Any, plain: Callable[..., Any], hidden: torch.Tensor, attention_mask: Any = None, **more: Any
) -> Any:
    """All blocks on (texts, longest, width), as the encoder calls them; padding comes out as zeros."""
    if attention_mask is None or not torch.is_grad_enabled():
        return plain(hidden, attention_mask, **more)
    row = in_one_row(attention_mask[:, 0, 0], blocks.config.num_attention_heads)
    flat = hidden.flatten(0, 1)
    outputs = plain(flat.index_select(0, row.places)[None], None, row=row, **more)
    tokens = outputs.last_hidden_state[0]
    outputs.last_hidden_state = torch.zeros_like(flat).index_copy(0, row.places, tokens).view_as(hidden)
    return outputs


def _attention(module: torch.nn.Module, *inputs: Any, row: Row | None = None, **more: Any) -> tuple[torch.Tensor, None]:
    """Attention of each text to itself; query, key and value of shape (1, heads, tokens, width of a head)."""
    if row is None:
        return kernels.attention(module, *inputs, **more)
    parts = [torch.split(each[0].transpose(0, 1), row.sizes) for each in inputs[:3]]
    scale, dropout = more.get("scaling") or inputs[0].shape[-1] ** -0.5, more.get("dropout", 0.0)
    outputs = []
    for group, *three in zip(row.groups, *parts, strict=True):
        q, k, v = (group.spread(each) for each in three)
        if group.shape[2] > kernels.SHORT:
            found = torch.nn.functional.scaled_dot_product_attention(q, k, v, group.mask, dropout, scale=scale)
        else:
            found = kernels.products(q, k, v, group.mask, dropout, scale)
        outputs.append(group.collect(found))
    return torch.cat(outputs)[None], None
