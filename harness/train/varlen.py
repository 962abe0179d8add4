"""Training without padding on a card: the row of a micro-batch, and FlashAttention over the texts in it.

torch's own attention over texts in a row (``torch.nn.attention.varlen``) has no dropout, which the recipes have. It
calls the ATen operator that is called here, whose dropout it leaves at 0. Masks of dropout come from the generator of
the card, so they belong to micro-batches. Nothing of this has run on a card: :func:`is_exact` looks there, before a
training, whether values and gradients are those of plain attention; where they are not, padding is computed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from xharness.compute.dropout import PlacedTokens
from xharness.tasks.common.memory import out_of_memory
from xharness.train.layout import LastBlock, PackedBatch

HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}  # the precisions that FlashAttention computes in
LEAST_CAPABILITY = (8, 0)  # of cards that it runs on
WIDEST = 192  # of a head, with dropout on every card; it is a multiple of 8, too
DROPPED = 0.5
ROUNDING = 2e-2  # of values and gradients, relative to the largest: bf16 rounds a sum of products by less
TRIED = (3, 40, 17, 1)  # tokens of texts
LOOKING = (TRIED, (0, 9, 1, 1))  # how many of them look: all, and those that a loss reads


@dataclass(frozen=True)
class TextEnds:
    """Where texts end in a row.

    Attributes:
        places: 0, and behind the last token of each text; int32, on the card.
        longest: Tokens of the longest text.
    """

    places: torch.Tensor
    longest: int

    @classmethod
    def of(cls, lengths: torch.Tensor) -> TextEnds:
        """Of texts of these lengths, one after the other."""
        ends = torch.nn.functional.pad(lengths.cumsum(0, dtype=torch.int32), (1, 0))
        return cls(ends, int(lengths.max()))


@dataclass(frozen=True)
class FlashAttention:
    """Attention of each text in a row to itself, as :data:`xharness.train.layout.RowAttention` has it.

    Attributes:
        looking: Of the tokens that look.
        seen: Of all tokens.
    """

    looking: TextEnds
    seen: TextEnds

    def __call__(self, heads: Sequence[torch.Tensor], probability: float, scale: float) -> torch.Tensor:
        """See :data:`xharness.train.layout.RowAttention`."""
        return flash(heads, self.looking, self.seen, probability, scale)


def flash(
    heads: Sequence[torch.Tensor], looking: TextEnds, seen: TextEnds, probability: float, scale: float
) -> torch.Tensor:
    """FlashAttention over rows.

    Args:
        heads: Queries, keys and values, of shape (tokens, heads, width of a head), as the result is.
        probability: Of dropout.
    """
    ends = (looking.places, seen.places, looking.longest, seen.longest)
    found: torch.Tensor = torch.ops.aten._flash_attention_forward(
        *heads, *ends, probability, False, False, scale=scale
    )[0]
    return found


def pack(tokens: torch.Tensor, _heads: int, read: torch.Tensor | None = None) -> PackedBatch:
    """Lay out a micro-batch: its texts one after the other. See :func:`xharness.train.layout.pack`."""
    places, lengths = tokens.flatten().nonzero()[:, 0], tokens.sum(1)
    longest, seen = tokens.shape[1], TextEnds.of(lengths)
    row = PackedBatch(places, PlacedTokens(places // longest, places % longest), FlashAttention(seen, seen))
    if read is None or bool(read.all()):
        return row
    chosen = read.to(tokens.device) & tokens
    looking = TextEnds.of(chosen.sum(1))
    if not looking.longest:
        return row
    last = LastBlock(chosen.flatten()[places].nonzero()[:, 0], FlashAttention(looking, seen))
    return replace(row, last=last)


def runs(device: torch.device, precision: str, width: int) -> bool:
    """Whether a device has FlashAttention for heads of this width, as exact as its precision."""
    if device.type != "cuda" or precision not in HALVES or width > WIDEST or width % 8:
        return False
    if torch.version.hip or torch.cuda.get_device_capability(device) < LEAST_CAPABILITY:
        return False
    return is_exact(device, HALVES[precision], width)


@functools.cache
def is_exact(device: torch.device, dtype: torch.dtype, width: int) -> bool:
    """Whether values and gradients over a row are those of plain attention of each text, but for rounding.

    With dropout, whose masks nobody else draws, whether it is dropped backwards what was dropped forwards.
    """
    try:
        return all(_is_exact(device, dtype, width, looking) for looking in LOOKING) and _drops(device, dtype, width)
    except RuntimeError as error:
        if out_of_memory(error):
            raise
        return False  # a build without it


def _is_exact(device: torch.device, dtype: torch.dtype, width: int, looking: Sequence[int]) -> bool:
    """The same where so many tokens of each text look."""
    generator, scale, sizes = torch.Generator().manual_seed(0), width**-0.5, (looking, TRIED, TRIED)
    made = [torch.randn(sum(size), 2, width, generator=generator).to(device, dtype) for size in sizes]
    looks, seen = (TextEnds.of(torch.tensor(size, device=device)) for size in (looking, TRIED))

    def in_row(heads: Sequence[torch.Tensor]) -> torch.Tensor:
        return flash(heads, looks, seen, 0.0, scale)

    def by_text(heads: Sequence[torch.Tensor]) -> torch.Tensor:
        parts = (torch.split(each, list(size)) for each, size in zip(heads, sizes, strict=True))
        return torch.cat([_plain(text, scale) for text in zip(*parts, strict=True)])

    found, wanted = _with_gradients(in_row, made), _with_gradients(by_text, [each.float() for each in made])
    pairs = zip(found, wanted, strict=True)
    return all(bool((one.float() - other).abs().max() <= ROUNDING * other.abs().max()) for one, other in pairs)


def _drops(device: torch.device, dtype: torch.dtype, width: int) -> bool:
    """Whether dropout is the same backwards: what comes out is linear in the values, v, so <out, g> is <v, dv> by g."""
    generator = torch.Generator().manual_seed(1)
    query, key, value, gradient = (
        torch.rand(sum(TRIED), 2, width, generator=generator).to(device, dtype) for _ in range(4)
    )
    ends = TextEnds.of(torch.tensor(TRIED, device=device))
    leaf = value.requires_grad_()
    found = flash((query, key, leaf), ends, ends, DROPPED, width**-0.5)
    (back,) = torch.autograd.grad(found, leaf, gradient)
    forwards, backwards = (
        (one.float() * other.float()).sum((0, 2)) for one, other in ((found, gradient), (leaf, back))
    )
    return bool(((forwards - backwards).abs() <= ROUNDING * forwards.abs()).all())


def _plain(heads: Sequence[torch.Tensor], scale: float) -> torch.Tensor:
    """Attention by its formula, of one text."""
    query, key, value = heads
    weights = torch.einsum("qhw,khw->hqk", query * scale, key).softmax(-1)
    return torch.einsum("hqk,khw->qhw", weights, value)


def _with_gradients(
    attend: Callable[[Sequence[torch.Tensor]], torch.Tensor], heads: Sequence[torch.Tensor]
) -> list[torch.Tensor]:
    """What attention gives, and the gradients of its sum of squares."""
    leaves = [each.detach().requires_grad_() for each in heads]
    found = attend(leaves)
    return [found.detach(), *torch.autograd.grad(found.float().square().sum(), leaves)]
