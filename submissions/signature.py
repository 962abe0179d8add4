"""What produced a number: a typed value, written beside it and parsed back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from xharness.tasks.common.version import VERSION

SPELT = {
    "answer": "--max-answer-length", "stride": "--doc-stride", "length": "--max-length", "k": "--k",
    "keep": "--retrieval", "quirks": "--reference-quirks", "protocol": "--tatoeba-protocol",
}  # fmt: skip
"""Options that a part stands for, where the part is not named after the option."""
NOT_COMPARED = ("model", "labels", "task")  # models and names of their outputs are what is compared; tasks are equal


class Change(NamedTuple):
    """A part in which two signatures differ; an absent part is empty."""

    part: str
    before: str
    now: str

    def __str__(self) -> str:
        return f"{SPELT.get(self.part, self.part)} was {self.before or 'absent'}, now {self.now or 'absent'}"


@dataclass(frozen=True)
class Signature:
    """``metric:accuracy|gold:1f0c2a9b|version:0.1.0``: parts by name, in the order given."""

    parts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, **parts: str) -> Signature:
        """A signature of these parts and of this version."""
        return cls({**parts, "version": VERSION})

    @classmethod
    def parse(cls, text: str) -> Signature:
        """The inverse of ``str``; text without a colon is a part without a value."""
        pieces = (piece.partition(":") for piece in text.split("|") if piece)
        return cls({name: value for name, _, value in pieces})

    def __str__(self) -> str:
        return "|".join(f"{name}:{value}" for name, value in self.parts.items())

    def __getitem__(self, name: str) -> str:
        """One part; empty if there is none of this name."""
        return self.parts.get(name, "")

    def holds(self, parts: Mapping[str, str]) -> bool:
        """Whether all of these parts are in it."""
        return all(self.parts.get(name) == value for name, value in parts.items())

    def changes(self, other: Signature) -> list[Change]:
        """The parts in which another measurement differs, by name; the model's block by what it stands for."""
        names = sorted({*self.parts, *other.parts} - {*NOT_COMPARED})
        found = [Change(name, self[name], other[name]) for name in names if self[name] != other[name]]
        return [each for each in found if not (each.part == "layer" and _same_layer(each.before, each.now))]


def _same_layer(first: str, second: str) -> bool:
    """The same block; or in models of other depth the same choice: the reference's block, or the last."""
    if not (first and second):
        return False
    blocks = [layer.partition("=")[0] for layer in (first, second)]
    both_last = all(len(set(block.split("/"))) == 1 for block in blocks)
    return blocks[0] == blocks[1] or ("=reference" in first and "=reference" in second) or both_last
