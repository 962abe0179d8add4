"""Orders of n words, drawn: each function gives old places in their new order."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeAlias

Order: TypeAlias = list[int]
DrawOrder: TypeAlias = Callable[[int, int, Random], Order]
"""From the number of words, the size that the kind of order has, and the stream of random numbers."""


def shuffled(count: int, _size: int, random: Random) -> Order:
    """Any order, the old one included."""
    return random.sample(range(count), count)


def shuffled_blocks(count: int, size: int, random: Random) -> Order:
    """Runs of ``size`` words, the last one shorter, in any order; inside they stay as they are."""
    blocks = [range(start, min(start + size, count)) for start in range(0, count, size)]
    random.shuffle(blocks)
    return [place for block in blocks for place in block]


def deranged(count: int, _size: int, random: Random) -> Order:
    """No word stays in its place (Sinha et al. 2021, UnNatural Language Inference); one word alone does."""
    order = list(range(count))
    while count > 1 and any(place == old for place, old in enumerate(order)):
        random.shuffle(order)
    return order


def within_window(count: int, size: int, random: Random) -> Order:
    """No word moves by more than ``size`` places (the noise of Lample et al. 2018)."""
    keys = [place + random.uniform(0, size + 1) for place in range(count)]
    return sorted(range(count), key=keys.__getitem__)


def reversed_order(count: int, _size: int, _random: Random) -> Order:
    """The last word first."""
    return list(reversed(range(count)))
