"""How the tokens of a padded micro-batch stand in one row without padding, and under each other for attention."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import torch

from xharness.compute.dropout import PlacedTokens
from xharness.train.by_length import AttentionByLength, LengthGroup, PaddedPlaces
from xharness.train.micro_batch_plan import plan_micro_batches

RowAttention: TypeAlias = Callable[[Sequence[torch.Tensor], float, float], torch.Tensor]
"""From queries, keys and values of shape (tokens, heads, width of a head), the probability of dropout and the scale to
what the queries' tokens see, of the queries' shape."""

OVERHEAD = 128  # tokens of padding in attention that take as long as one more group


@dataclass(frozen=True)
class PackedBatch:
    """How the texts of a padded micro-batch stand in one row.

    Attributes:
        places: Where the tokens stood among texts x longest places, in the order of the row.
        tokens: The same by text and place.
        attend: Attention in every block but the last.
        last: What the last block computes; None if that is every token.
    """

    places: torch.Tensor
    tokens: PlacedTokens
    attend: RowAttention
    last: LastBlock | None = None

    @property
    def by_size(self) -> dict[int, PlacedTokens]:
        """The tokens that blocks compute, by their number: all, and those of the last block."""
        all_, last = self.tokens, self.last.tokens if self.last else slice(None)
        read = PlacedTokens(all_.texts[last], all_.places[last])
        return {len(all_.texts): all_, len(read.texts): read}


@dataclass(frozen=True)
class LastBlock:
    """The tokens that the loss reads; nothing after the last block's attention depends on another one.

    Attributes:
        tokens: Where they are in the row.
        attend: As the row's, with these tokens looking.
    """

    tokens: torch.Tensor
    attend: RowAttention


def pack(tokens: torch.Tensor, heads: int, read: torch.Tensor | None = None) -> PackedBatch:
    """Lay out a micro-batch on a processor, longest texts first.

    Args:
        tokens: Shape (texts, longest), True at tokens.
        heads: Of attention.
        read: True at tokens that the loss reads, of the same shape; None if it reads all.
    """
    lengths = tokens.sum(1)
    parts = [torch.as_tensor(part) for part in plan_micro_batches(lengths.tolist(), tokens.numel(), OVERHEAD)]
    numbers = torch.arange(tokens.numel()).view_as(tokens)
    places = [numbers[part][tokens[part]] for part in parts]
    seen = [_spread(lengths[part], heads) for part in parts]
    masks = [_mask(lengths[part]) for part in parts]
    looking = [
        PlacedTokens(part[:, None], torch.arange(each.shape[2])[None]) for part, each in zip(parts, seen, strict=True)
    ]
    groups = [LengthGroup(each, each, own, mask) for each, own, mask in zip(seen, looking, masks, strict=True)]
    row_places, longest = torch.cat(places), tokens.shape[1]
    by_text = PlacedTokens(row_places // longest, row_places % longest)
    sizes = [len(each) for each in places]
    row = PackedBatch(row_places, by_text, AttentionByLength(groups, sizes, sizes))
    if read is None or read.all():
        return row
    counts = [(read & tokens)[part].sum(1) for part in parts]
    chosen = read.flatten()[row.places].nonzero()[:, 0]
    groups_of_read = [
        replace(group, looking=_spread(count, heads), tokens=_of(read & tokens, part))
        for count, part, group in zip(counts, parts, groups, strict=True)
    ]
    looking_sizes = [int(count.sum()) for count in counts]
    return replace(row, last=LastBlock(chosen, AttentionByLength(groups_of_read, looking_sizes, sizes)))


def _of(chosen: torch.Tensor, texts: torch.Tensor) -> PlacedTokens:
    """The chosen tokens of some texts, first ones first, as :class:`PaddedPlaces` puts them; then padding."""
    own = chosen[texts]
    order = torch.argsort(~own, dim=1, stable=True)
    return PlacedTokens(texts[:, None], order[:, : int(own.sum(1).max())])


def _spread(lengths: torch.Tensor, heads: int) -> PaddedPlaces:
    texts, longest = len(lengths), int(lengths.max())
    numbers = torch.arange(texts * heads * longest).view(texts, heads, longest).transpose(1, 2)
    return PaddedPlaces((texts, heads, longest), numbers[_filled(lengths)].flatten())


def _mask(lengths: torch.Tensor) -> torch.Tensor | None:
    filled = _filled(lengths)
    return None if filled.all() else filled[:, None, None]


def _filled(lengths: torch.Tensor) -> torch.Tensor:
    """True at tokens, of shape (texts, longest)."""
    return torch.arange(int(lengths.max())) < lengths[:, None]
