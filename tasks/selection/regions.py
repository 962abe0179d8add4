"""Regions of a data map as subsets to train on: easy, ambiguous or hard to learn (Swayamdipta et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    from xharness.tasks.selection.cartography import DataMap, Floats

FRONT = 0.7  # share of a subset of both ends that comes from the region itself, as published


class Region(StrEnum):
    """What the examples of a subset are to the model."""

    EASY = "easy"  # highest confidence
    AMBIGUOUS = "ambiguous"  # highest variability
    HARD = "hard"  # lowest confidence


@dataclass(frozen=True, kw_only=True)
class RegionOptions:
    """Which examples of a map are taken. Labels are not balanced, as published: see :mod:`.twins` for a control.

    Attributes:
        share: Of the examples of the map, above 0 and at most 1; their number is rounded down.
        both_ends: 70 % from the region, and the rest from the other end of its order.
    """

    region: Region
    share: float = 0.33
    both_ends: bool = False


def select(found: DataMap, options: RegionOptions) -> list[str]:
    """Ids of the examples of a region, in their order in the training data. Equal values go by id.

    Raises:
        UserError: a share that is none or takes no example, one pass only where it is about their variability, or an
            id that several examples have.
    """
    count = _number(len(found.ids), options.share)
    if options.region is Region.AMBIGUOUS and found.passes == 1:
        why = "with one pass nothing varies"
        raise UserError("no example is ambiguous", why, "train for more epochs, or select easy or hard")
    check_unique(found.ids)
    values = _order_by(found, options.region).tolist()
    order = sorted(range(len(found.ids)), key=lambda place: (values[place], found.ids[place]))
    front = _rounded_down(count * FRONT) if options.both_ends else count
    chosen = {*order[:front], *order[len(order) - (count - front) :]}
    return [name for place, name in enumerate(found.ids) if place in chosen]


def check_unique(ids: Sequence[str]) -> None:
    """Refuse ids that do not tell examples apart.

    Raises:
        UserError: naming one.
    """
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            why = "a list of ids could not tell them apart"
            raise UserError(f"several training examples have the id '{name}'", why, "give each its own id in the data")
        seen.add(name)


def _order_by(found: DataMap, region: Region) -> Floats:
    """What the examples are sorted by, the first ones first."""
    if region is Region.AMBIGUOUS:
        return -found.variability
    return found.confidence if region is Region.HARD else -found.confidence


def _number(examples: int, share: float) -> int:
    """How many examples a share is.

    Raises:
        UserError: none, or more than there are.
    """
    if not 0 < share <= 1:
        raise UserError(f"--share is {share}", "it is a share of the examples", "give a number above 0, at most 1")
    if not (count := _rounded_down(share * examples)):
        why = f"there are {examples} examples"
        raise UserError(f"--share {share} takes no example", why, f"give at least {1 / examples:.3g}")
    return count


def _rounded_down(number: float) -> int:
    return int(number + 1e-9)  # 0.29 * 100 is below 29
