"""Special tokens around one or two texts, learnt from the tokenizer itself, so that every family works alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Ids: TypeAlias = list[int]
Types: TypeAlias = tuple[Ids, int, Ids, int, Ids]


@dataclass(frozen=True)
class Frame:
    """What a tokenizer puts before, between and after texts, and the token types it gives to the parts.

    ``types`` are the token types of (before, first, between, second, after); None if the model takes none.
    """

    before: Ids
    between: Ids
    after: Ids
    types: Types | None

    @property
    def size(self) -> int:
        """Number of special tokens."""
        return len(self.before) + len(self.between) + len(self.after)

    def ids(self, first: Sequence[int], second: Sequence[int] = ()) -> Ids:
        """The whole input."""
        return [*self.before, *first, *self.between, *second, *self.after]

    def token_types(self, first: int, second: int = 0) -> Ids | None:
        """Token types of an input whose texts have these lengths; None if the model takes none."""
        if self.types is None:
            return None
        before, a, between, b, after = self.types
        return [*before, *[a] * first, *between, *[b] * second, *after]


def single_frame(tokenizer: Any) -> Frame:
    """The frame of one text."""
    inner = _plain(tokenizer, PROBES[0])
    whole = tokenizer(PROBES[0], truncation=False, padding=False)
    start = _find(whole["input_ids"], inner, 0)
    ids, end = whole["input_ids"], start + len(inner)
    types = whole.get("token_type_ids")
    parts: Types | None = (types[:start], types[start], [], 0, types[end:]) if types is not None else None
    return Frame(ids[:start], [], ids[end:], parts)


def pair_frame(tokenizer: Any) -> Frame:
    """The frame of two texts."""
    first, second = (_plain(tokenizer, probe) for probe in PROBES)
    whole = tokenizer(*PROBES, truncation=False, padding=False)
    ids, types = whole["input_ids"], whole.get("token_type_ids")
    a = _find(ids, first, 0)
    b = _find(ids, second, a + len(first))
    a_end, b_end = a + len(first), b + len(second)
    parts = (types[:a], types[a], types[a_end:b], types[b], types[b_end:]) if types is not None else None
    return Frame(ids[:a], ids[a_end:b], ids[b_end:], parts)


PROBES = ("ab", "cd")


def _plain(tokenizer: Any, text: str) -> Ids:
    """Token ids of a text without special tokens."""
    return list(tokenizer(text, add_special_tokens=False, truncation=False, padding=False)["input_ids"])


def _find(whole: Ids, part: Ids, start: int) -> int:
    """Where ``part`` stands in ``whole``."""
    for position in range(start, len(whole) - len(part) + 1):
        if whole[position : position + len(part)] == part:
            return position
    raise ValueError("the tokenizer changes a text when it adds special tokens")
