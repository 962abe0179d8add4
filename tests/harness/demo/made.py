"""Files of the made-up world, read."""

from __future__ import annotations

Files = dict[str, str]


def rows(text: str, end: str = "\n") -> list[list[str]]:
    assert text.endswith(end)
    return [line.split("\t") for line in text.removesuffix(end).split(end)]
