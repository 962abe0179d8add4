"""Which types are taken for which: spans of names, or words of bare tags, gold against predicted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xharness.tasks.types.tag_spans import Span, spans
from xharness.tasks.types.tagging import is_prefixed

OTHER_BOUNDS = "other bounds"  # a span of the other side overlaps it, and none has the same first and last word
NOTHING = "nothing"  # no span of the other side overlaps it

Tags = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Confusion:
    """Counts of (gold type, predicted type).

    Attributes:
        unit: What is counted: spans or words.
        types: In the order of a table; for spans the two marks for what has no counterpart come last.
        counts: Pairs that do not occur are left out.
    """

    unit: str
    types: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]


def confusions(gold: Tags, runs: Sequence[Tags]) -> list[Confusion]:
    """One confusion a run, all over the same types. Tags with prefixes are counted as spans, bare ones as words."""
    prefixed = is_prefixed(gold)
    counted = [Counter(_spans(gold, tags) if prefixed else _words(gold, tags)) for tags in runs]
    marks = (OTHER_BOUNDS, NOTHING)
    types = sorted({name for counts in counted for pair in counts for name in pair} - set(marks))
    unit, order = ("spans", (*types, *marks)) if prefixed else ("words", tuple(types))
    return [Confusion(unit, order, dict(sorted(counts.items()))) for counts in counted]


def _words(gold: Tags, tags: Tags) -> Iterator[tuple[str, str]]:
    for right, given in zip(gold, tags, strict=True):
        yield from zip(right, given, strict=True)


def _spans(gold: Tags, tags: Tags) -> Iterator[tuple[str, str]]:
    """Spans with equal bounds are one pair; each of the others is a pair with a mark."""
    for right, given in zip(spans(gold), spans(tags), strict=True):
        at = {(span.begin, span.end): span.type for span in given}
        bounds = {(span.begin, span.end) for span in right}
        yield from ((span.type, at.get((span.begin, span.end)) or _mark(span, given)) for span in right)
        yield from ((_mark(span, right), span.type) for span in given if (span.begin, span.end) not in bounds)


def _mark(span: Span, others: Sequence[Span]) -> str:
    overlaps = any(span.begin < other.end and other.begin < span.end for other in others)
    return OTHER_BOUNDS if overlaps else NOTHING
