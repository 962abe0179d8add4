"""Words for people: numbers with their nouns, texts short enough for a message."""

from __future__ import annotations

from collections.abc import Sequence


def plural(count: int, noun: str) -> str:
    """``1 label``, ``5,010 labels``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def shortened(text: str, most: int = 40) -> str:
    """The text, cut to so many characters."""
    return text if len(text) <= most else text[: most - 3] + "..."


def clock(seconds: float) -> str:
    """``0:02:05``."""
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def enumerated(names: Sequence[str], most: int = 4) -> str:
    """``ar bg de es and 11 more``."""
    return " ".join(names) if len(names) <= most + 1 else f"{' '.join(names[:most])} and {len(names) - most} more"
