"""What else is known of a changed item: similarities, chrF of what was found, words that were confused."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from harness.diff.cell import RunCell
from tasks.base import Format

Given = tuple[str, Any, RunCell]  # an answer as text, as it stands in the file, and the run that gave it


def facts_of(format: Format, item: str, gold: str, given: Mapping[str, Given]) -> dict[str, str]:
    """Facts by name, each name with the prefix of its run.

    Args:
        item: Id of the item.
        gold: Its gold text.
        given: Each run's answer by the prefix of its facts (``"base "``, or ``""`` for a single run).
    """
    if format not in (Format.INDICES, Format.PAIRS):
        return {}
    facts = {}
    for prefix, (text, raw, cell) in given.items():
        names = [item] if format is Format.INDICES else [f"{item}\t{target}" for target in raw]
        similar = [cell.similarity[name] for name in names if name in cell.similarity]
        if similar:
            facts[f"{prefix}similarity"] = f"{max(similar):.3f}"
        if text and gold:
            facts[f"{prefix}chrF"] = f"{chrf(text, gold):.1f}"
    return facts


@cache
def _chrf() -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()


def chrf(found: str, gold: str) -> float:
    """Character n-gram F-score of a sentence in percent (Popović 2015), as sacrebleu has it by default."""
    return float(_chrf().sentence_score(found, [gold]).score)
