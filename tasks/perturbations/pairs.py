"""Perturbed examples of two texts; what is drawn for one hangs on its id and the seed alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeAlias

from xharness.tasks.perturbations.policy import ChangedText, WhichTexts
from xharness.tasks.types.text_classification import SentencePair

TextChange: TypeAlias = Callable[[str, Random], "ChangedText | None"]


@dataclass(frozen=True)
class ChangedPair:
    """One example after a perturbation, and what became of each text that was to be changed."""

    pair: SentencePair
    texts: Sequence[ChangedText]


def change_pair(pair: SentencePair, change: TextChange, texts: WhichTexts, seed: int | str) -> ChangedPair | None:
    """One example; None where a text cannot be changed. A text that is not there (second of one) is passed over.

    Translations have equal ids, so that texts of equal length get equal orders in all languages.
    """
    found: dict[str, ChangedText] = {}
    for name, text in (("first", pair.first), ("second", pair.second)):
        if text is None or texts not in (WhichTexts.BOTH, name):
            continue
        changed = change(text, Random(f"{seed}\0{pair.id}\0{name}"))
        if changed is None:
            return None
        found[name] = changed
    first, second = (found[name].text if name in found else getattr(pair, name) for name in ("first", "second"))
    return ChangedPair(replace(pair, first=first, second=second), list(found.values()))


def change_pairs(
    pairs: Iterable[SentencePair], change: TextChange, texts: WhichTexts, seed: int
) -> list[ChangedPair | None]:
    """All examples, in their order."""
    return [change_pair(pair, change, texts, seed) for pair in pairs]
