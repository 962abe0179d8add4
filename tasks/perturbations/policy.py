"""What a perturbation does to gold, to which texts, and what one perturbed text is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class LabelPolicy(StrEnum):
    """What becomes of the gold label of a perturbed example."""

    KEPT = "kept"
    UNDEFINED = "undefined"
    BY_RULE = "by-rule"

    @property
    def measures(self) -> tuple[str, ...]:
        """What may be said of predictions on such data, by name."""
        return _MEASURES[self]


_MEASURES = {
    LabelPolicy.KEPT: ("accuracy", "retention", "consistency"),
    LabelPolicy.UNDEFINED: ("acceptance", "consistency", "omega-max", "omega-rand", "p-correct", "p-flip", "entropy"),
    LabelPolicy.BY_RULE: ("accuracy",),
}


class WhichTexts(StrEnum):
    """Which texts of a pair are changed."""

    BOTH = "both"
    FIRST = "first"
    SECOND = "second"


class Punctuation(StrEnum):
    """Where marks go in a new order, which have none of their own; the last mark of a sentence stays last."""

    DROP = "drop"
    HEAD = "head"  # beside their head, on their old side
    EDGE = "edge"  # at the end of the phrase that they stood at


@dataclass(frozen=True)
class ChangedText:
    """One text after a perturbation.

    Attributes:
        text: What a model reads now.
        order: Old places of the words that are left, in their new order.
        words: Number of words before.
    """

    text: str
    order: Sequence[int]
    words: int

    def __add__(self, other: ChangedText) -> ChangedText:
        """Two sentences of one text, a space between them."""
        order = (*self.order, *(self.words + place for place in other.order))
        return ChangedText(f"{self.text} {other.text}".strip(), order, self.words + other.words)
