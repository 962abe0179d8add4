"""The header of a baseline file: what it was made from, and which cells its arrays hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.shapes import Each, Shape, misfit
from xharness.tasks.common.version import VERSION
from xharness.tasks.registry import BENCHMARKS

KIND = "xharness baseline"
FORMAT = 1
OF_ANY_VERSION: dict[str, Shape] = {"kind": str, "format": int, "version?": str}
HEADER: dict[str, Shape] = {
    "run": str, "version": str, "benchmark": str, "seed": (int, None), "models": Each(str), "left_out": [[str]],
    "tasks": Each([list]),
}  # fmt: skip


@dataclass(frozen=True)
class BaselineFacts:
    """What is known of a baseline without its statistics.

    Attributes:
        run: Name of the run that it was made from.
        version: Of xharness that made it.
        left_out: Task, language and reason of the cells without statistics.
    """

    run: str
    version: str
    benchmark: str
    seed: int | None
    models: Mapping[str, str]
    left_out: Sequence[Sequence[str]]


class CellFacts(NamedTuple):
    """One cell as the header has it: ``n`` examples, ``items`` rows of the arrays."""

    language: str
    signature: str
    split: str
    n: int
    items: int


@dataclass(frozen=True)
class BaselineHeader:
    """The whole header; cells by task, in the order of the arrays."""

    facts: BaselineFacts
    tasks: Mapping[str, Sequence[CellFacts]]

    @classmethod
    def parse(cls, content: JsonObject) -> BaselineHeader:
        """The value of what :func:`header_fault` found nothing wrong in."""
        found: Any = content
        facts = BaselineFacts(**{name: found[name] for name in BaselineFacts.__dataclass_fields__})
        return cls(facts, {task: [CellFacts(*row) for row in rows] for task, rows in found["tasks"].items()})

    def content(self) -> dict[str, Json]:
        """As it stands in the file."""
        tasks = {task: [list(cell) for cell in cells] for task, cells in self.tasks.items()}
        return {"kind": KIND, "format": FORMAT, **asdict(self.facts), "tasks": tasks}


def version_fault(content: JsonObject) -> str:
    """Why a header of another format cannot be read; empty for one of this format."""
    if content["format"] == FORMAT:
        return ""
    return f"xharness {content.get('version')} wrote it, in format {content['format']}; this is {VERSION}"


def header_fault(content: JsonObject) -> str:
    """What is wrong with a header of this format; empty if nothing is."""
    return misfit(content, HEADER) or next(_faults(content), "")


def _faults(content: Mapping[str, Any]) -> Iterator[str]:
    """``Any``, because the rows are looked at here."""
    if content["benchmark"] not in BENCHMARKS:
        yield "its benchmark is not known"
    for row in (row for rows in content["tasks"].values() for row in rows):
        texts = len(row) == 5 and all(isinstance(text, str) for text in row[:3])
        if not texts or not all(type(number) is int and number >= 0 for number in row[3:]):
            yield f"{row} does not describe a cell"
    for row in content["left_out"]:
        if len(row) != 3:
            yield f"{row} is not a cell with a reason"
