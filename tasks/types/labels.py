"""What gold of labels, tags and numbers has in common: as many entries as examples, each in the label set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from typing import TypeVar

from xharness.tasks.common.text import plural, shortened
from xharness.tasks.types.base import GoldFile, Line

ExampleT = TypeVar("ExampleT")
GoldT = TypeVar("GoldT", bound=Sized)


def count_differs(gold: GoldFile[ExampleT, GoldT], what: str, of: str, expected: int | None = None) -> Iterator[Line]:
    """A difference in number, at the first line too many or at the last line there is.

    Args:
        what: What a gold entry is called; ``of`` is what an example is called.
        expected: Number of examples, where it is not that of the sequence.
    """
    if gold.examples is None:
        return
    wanted = len(gold.examples) if expected is None else expected
    lines: Sequence[int] = gold.parsed.lines
    found = len(gold.parsed.answers)
    if found != wanted:
        line = lines[wanted] if found > wanted else max(lines, default=0)
        yield line, f"{plural(found, what)} of gold for {plural(wanted, of)}"


def unknown_gold_label(gold: GoldFile[ExampleT, GoldT], label: str, noun: str) -> str:
    """Why a label is not one of the task's, with the name that the task has for it; empty if it is one."""
    if not gold.labels or label in gold.labels:
        return ""
    renamed = gold.aliases.get(label.lower())
    hint = f"; {gold.task} calls it {renamed}" if renamed else ""
    return f"{noun} '{shortened(label)}' is none of {', '.join(gold.labels)}{hint}"
