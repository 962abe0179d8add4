"""Two texts side by side: which parts of them differ."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

ALIKE = 0.4  # share of letters in common below which marks would only be noise
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


class MarkedText(NamedTuple):
    """A stretch of text, and whether the other text lacks it."""

    text: str
    differs: bool


def mark_differences(left: str, right: str) -> tuple[list[MarkedText], list[MarkedText]]:
    """Both texts in parts; words are compared, or characters where neither text has a space.

    Texts that have little in common come back unmarked: there is no part to point at.
    """
    split = _TOKEN.findall if " " in left + right else list
    sides = split(left), split(right)
    blocks = SequenceMatcher(None, *sides, autojunk=False).get_opcodes()
    common = sum(_letters("".join(sides[0][a:b])) for kind, a, b, _, _ in blocks if kind == "equal")
    if 2 * common < ALIKE * (_letters(left) + _letters(right)):
        return [MarkedText(left, False)], [MarkedText(right, False)]
    return (
        _parts(MarkedText("".join(sides[0][a:b]), kind != "equal") for kind, a, b, _, _ in blocks),
        _parts(MarkedText("".join(sides[1][a:b]), kind != "equal") for kind, _, _, a, b in blocks),
    )


def _letters(text: str) -> int:
    """Number of characters that are not white space."""
    return sum(not character.isspace() for character in text)


def _parts(pieces: Iterable[MarkedText]) -> list[MarkedText]:
    """Parts that are not empty; white space between two that differ belongs to them."""
    found = [piece for piece in pieces if piece.text]
    for index in range(1, len(found) - 1):
        if not found[index].text.strip() and found[index - 1].differs and found[index + 1].differs:
            found[index] = found[index]._replace(differs=True)
    grouped = groupby(found, key=lambda part: part.differs)
    return [MarkedText("".join(part.text for part in parts), differs) for differs, parts in grouped]
