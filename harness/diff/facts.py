"""What else is known of a changed item: similarities, chrF of what was found, words that were confused."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from xharness.diff.cell import RunCell
from xharness.tasks.base import Answers
from xharness.tasks.types.base import View

if TYPE_CHECKING:
    from sacrebleu.metrics.chrf import CHRF

Given = tuple[str, RunCell]  # an answer as text, and the run that gave it


def facts_of(view: View[Answers], item: str, gold: str, given: Mapping[str, Given]) -> dict[str, str]:
    """Facts by name, each name with the prefix of its run.

    Args:
        view: Items of the cell.
        item: Id of the item.
        gold: Its gold text.
        given: Each run's answer by the prefix of its facts (``"base "``, or ``""`` for a single run).
    """
    facts = {}
    for prefix, (text, cell) in given.items():
        names = view.similarity_names(cell.answers, item)
        similar = [cell.similarity[name] for name in names if name in cell.similarity]
        if similar:
            facts[f"{prefix}similarity"] = f"{max(similar):.3f}"
        if names and text and gold:
            facts[f"{prefix}chrF"] = f"{chrf(text, gold):.1f}"
    return facts


@cache
def _chrf() -> CHRF:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()


def chrf(found: str, gold: str) -> float:
    """Character n-gram F-score of a sentence in percent (Popović 2015), as sacrebleu has it by default."""
    return float(_chrf().sentence_score(found, [gold]).score)
