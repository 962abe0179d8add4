"""Attention over a row of texts on a processor: texts of similar length under each other, group by group."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from xharness.compute import dropout, kernels
from xharness.compute.dropout import PlacedTokens


@dataclass(frozen=True)
class PaddedPlaces:
    """How some tokens of texts that attention computes together stand under each other.

    Attributes:
        shape: Texts, heads, and tokens of the longest text.
        places: Where each token's heads go among texts x heads x longest places, shape (tokens x heads,).
    """

    shape: tuple[int, int, int]
    places: torch.Tensor

    def spread(self, tokens: torch.Tensor) -> torch.Tensor:
        """(tokens, heads, width) to (texts, heads, longest, width), zeros at padding."""
        texts, heads, longest = self.shape
        room = tokens.new_zeros((texts * heads * longest, tokens.shape[-1]))
        return room.index_copy_(0, self.places, tokens.flatten(0, 1)).view(*self.shape, tokens.shape[-1])

    def collect(self, outputs: torch.Tensor) -> torch.Tensor:
        """The way back."""
        tokens = outputs.flatten(0, 2).index_select(0, self.places)
        return tokens.view(len(self.places) // self.shape[1], self.shape[1], outputs.shape[-1])


@dataclass(frozen=True)
class LengthGroup:
    """Texts of similar length, of which some tokens or all look at all tokens.

    Attributes:
        looking: The tokens that look.
        seen: The tokens that they look at.
        tokens: The same that look, by text and place, padding included.
        mask: True at tokens that are seen, of shape (texts, 1, 1, longest); None if there is no padding.
    """

    looking: PaddedPlaces
    seen: PaddedPlaces
    tokens: PlacedTokens
    mask: torch.Tensor | None


@dataclass(frozen=True)
class AttentionByLength:
    """Attention of each text in a row to itself, as :data:`xharness.train.layout.RowAttention` has it.

    Attributes:
        looking: How many tokens of each group look.
        seen: How many tokens each group has.
    """

    groups: Sequence[LengthGroup]
    looking: list[int]
    seen: list[int]

    def __call__(self, heads: Sequence[torch.Tensor], probability: float, scale: float) -> torch.Tensor:
        """See :data:`xharness.train.layout.RowAttention`."""
        sizes = (self.looking, self.seen, self.seen)
        parts = [torch.split(each, size) for each, size in zip(heads, sizes, strict=True)]
        outputs, call = [], dropout.next_call() if probability else 0
        for group, query, key, value in zip(self.groups, *parts, strict=True):
            q, k, v = group.looking.spread(query), group.seen.spread(key), group.seen.spread(value)
            if group.seen.shape[2] > kernels.SHORT and not probability:
                found = torch.nn.functional.scaled_dot_product_attention(q, k, v, group.mask, scale=scale)
            else:
                drop = functools.partial(
                    dropout.drop_attention, probability=probability, call=call, tokens=group.tokens
                )
                found = kernels.products(q, k, v, group.mask, drop if probability else None, scale)
            outputs.append(group.looking.collect(found))
        return torch.cat(outputs)
