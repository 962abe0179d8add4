"""The parts of ``scores.json``: one cell, one task, and a cell without a score, as typed values.

Shapes are checked for the whole file at once (:mod:`xharness.submissions.scores_file`), so that ``parse`` may rely on
them without looking again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.shapes import INTERVAL, Each

Interval: TypeAlias = tuple[float, float] | None

CELL = {
    "n": int, "score": float, "score_interval": INTERVAL, "interval": Each(INTERVAL), "variants": Each(float),
    "variant_intervals": Each(INTERVAL), "signature": str, "by_answer_language?": Each(Each(float)),
}  # fmt: skip
TASK = {
    "complete": bool, "languages": int, "of": int, "missing": [str], "interval": Each(INTERVAL),
    "transfer_gap": (float, None),
}  # fmt: skip
AVERAGE = {"interval": INTERVAL}
FURTHER = {"score": float, **AVERAGE}
UNSCORED = ("task", "language", "reason")


@dataclass(frozen=True)
class CellScores:
    """One task in one language, in percent, with 95 % intervals.

    Attributes:
        n: Number of examples.
        interval: By official metric.
        variants: Further scores by name.
        extra: Facts of the cell that are not scores; they stand beside the others in the file.
    """

    n: int
    score: float
    score_interval: Interval
    interval: Mapping[str, Interval]
    variants: Mapping[str, float]
    variant_intervals: Mapping[str, Interval]
    signature: str
    extra: JsonObject = field(default_factory=dict)

    @classmethod
    def parse(cls, content: JsonObject) -> CellScores:
        """The value of an object that has the shape ``CELL``."""
        found: Any = content
        return cls(
            n=found["n"],
            score=found["score"],
            score_interval=as_interval(found["score_interval"]),
            interval=as_intervals(found["interval"]),
            variants=found["variants"],
            variant_intervals=as_intervals(found["variant_intervals"]),
            signature=found["signature"],
            extra={name: value for name, value in content.items() if name not in CELL},
        )

    @property
    def by_answer_language(self) -> Mapping[str, Mapping[str, float]]:
        """Measure to language of the answer to value, in percent; empty where answers are in no language."""
        found: Any = self.extra.get("by_answer_language", {})
        return found if isinstance(found, Mapping) else {}

    def content(self) -> dict[str, Json]:
        """As it stands in the file."""
        return {
            "n": self.n,
            "score": self.score,
            "score_interval": listed_interval(self.score_interval),
            "interval": listed_intervals(self.interval),
            "variants": dict(self.variants),
            "variant_intervals": listed_intervals(self.variant_intervals),
            "signature": self.signature,
            **self.extra,
        }


@dataclass(frozen=True)
class TaskSummary:
    """A task over its languages.

    Attributes:
        complete: Every language of the benchmark has a score.
        languages: Number of languages of the benchmark that have one, of ``of``.
        missing: The others.
        interval: 95 %, by name as in the official object; empty where it is not known.
        transfer_gap: English minus the mean of the other languages, in points; None without them.
    """

    complete: bool
    languages: int
    of: int
    missing: Sequence[str]
    interval: Mapping[str, Interval]
    transfer_gap: float | None

    @classmethod
    def parse(cls, content: JsonObject) -> TaskSummary:
        """The value of an object that has the shape ``TASK``."""
        found: Any = content
        return cls(**{**{name: found[name] for name in TASK}, "interval": as_intervals(found["interval"])})

    def content(self) -> dict[str, Json]:
        """As it stands in the file."""
        return {
            "complete": self.complete,
            "languages": self.languages,
            "of": self.of,
            "missing": list(self.missing),
            "interval": listed_intervals(self.interval),
            "transfer_gap": self.transfer_gap,
        }


@dataclass(frozen=True)
class FurtherAverage:
    """An average of tasks beside the official ones, in percent."""

    score: float
    interval: Interval

    @classmethod
    def parse(cls, content: JsonObject) -> FurtherAverage:
        """The value of an object that has the shape ``FURTHER``."""
        found: Any = content
        return cls(found["score"], as_interval(found["interval"]))

    def content(self) -> dict[str, Json]:
        """As it stands in the file."""
        return {"score": self.score, "interval": listed_interval(self.interval)}


@dataclass(frozen=True)
class Unscored:
    """A cell without a score, and why."""

    task: str
    language: str
    reason: str
    extra: JsonObject = field(default_factory=dict)

    @classmethod
    def parse(cls, content: JsonObject) -> Unscored:
        """The value of an object that has these fields."""
        found: Any = content
        extra = {name: value for name, value in content.items() if name not in UNSCORED}
        return cls(found["task"], found["language"], found["reason"], extra)

    def content(self) -> dict[str, Json]:
        """As it stands in the file."""
        return {"task": self.task, "language": self.language, "reason": self.reason, **self.extra}


def as_interval(listed: Sequence[float] | None) -> Interval:
    """The bounds as they stand in a file; None where they are not known."""
    return None if listed is None else (listed[0], listed[1])


def as_intervals(listed: Mapping[str, Sequence[float] | None]) -> dict[str, Interval]:
    """Intervals by name, from what stands in a file."""
    return {name: as_interval(bounds) for name, bounds in listed.items()}


def listed_interval(interval: Interval) -> list[Json] | None:
    """The inverse of :func:`as_interval`."""
    return None if interval is None else list(interval)


def listed_intervals(intervals: Mapping[str, Interval]) -> dict[str, Json]:
    """The inverse of :func:`as_intervals`."""
    return {name: listed_interval(interval) for name, interval in intervals.items()}
