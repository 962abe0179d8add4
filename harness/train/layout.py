"""How the tokens of a padded micro-batch stand in one row without padding, and under each other for attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from xharness.compute.dropout import PlacedTokens
from xharness.train.micro_batch_plan import plan_micro_batches

OVERHEAD = 128  # tokens of padding in attention that take as long as one more group


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
class PackedBatch:
    """How the texts of a padded micro-batch stand in one row, longest first.

    Attributes:
        places: Where the tokens stood among texts x longest places, in the order of the row.
        tokens: The same by text and place.
        groups: The texts, by similar length.
        sizes: Tokens of each group.
        last: What the last block computes; None if that is every token.
    """

    places: torch.Tensor
    tokens: PlacedTokens
    groups: Sequence[LengthGroup]
    sizes: list[int]
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
        groups: As the row's, with these tokens looking.
        sizes: How many of them each group has.
    """

    tokens: torch.Tensor
    groups: Sequence[LengthGroup]
    sizes: list[int]


def pack(tokens: torch.Tensor, heads: int, read: torch.Tensor | None = None) -> PackedBatch:
    """Lay out a micro-batch.

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
    row = PackedBatch(row_places, by_text, groups, [len(each) for each in places])
    if read is None or read.all():
        return row
    counts = [(read & tokens)[part].sum(1) for part in parts]
    chosen = read.flatten()[row.places].nonzero()[:, 0]
    groups_of_read = [
        replace(group, looking=_spread(count, heads), tokens=_of(read & tokens, part))
        for count, part, group in zip(counts, parts, groups, strict=True)
    ]
    return replace(row, last=LastBlock(chosen, groups_of_read, [int(count.sum()) for count in counts]))


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
