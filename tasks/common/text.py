"""Words for people: numbers with their nouns, texts short enough for a message."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """``1 label``, ``5,010 labels``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def shortened(text: str, most: int = 40) -> str:
    """The text, cut to so many characters."""
    return text if len(text) <= most else text[: most - 3] + "..."
