"""Spans of characters in a text, as others wrote them into JSON: whole numbers, in order, inside the text."""

from __future__ import annotations

from typing import Any, TypeAlias

CharacterSpan: TypeAlias = tuple[int, int]


def span_of(start: Any, end: Any, text: str) -> CharacterSpan | None:
    """A span that can be cut out of a text: ``0 <= start < end <= len(text)``; None for anything else."""
    whole = all(isinstance(offset, int) and not isinstance(offset, bool) for offset in (start, end))
    return (start, end) if whole and 0 <= start < end <= len(text) else None


def spans_of(given: Any, text: str) -> list[CharacterSpan] | str:
    """Spans written as ``[start, end]`` or ``{"start": ..., "end": ...}``; what is wrong with them otherwise."""
    if not isinstance(given, list) or not given:
        return "no list of sentences"
    found = []
    for number, each in enumerate(given, 1):
        pair = (each.get("start"), each.get("end")) if isinstance(each, dict) else each
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            return f"sentence {number} has no start and end"
        span = span_of(pair[0], pair[1], text)
        if span is None:
            return f"sentence {number} is {pair[0]} to {pair[1]}, outside its text of {len(text):,} characters"
        found.append(span)
    return found
