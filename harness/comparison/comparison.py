"""What a comparison is asked and what it says: options, rows, and all rows together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import Any

from xharness.comparison.pairing import Missing
from xharness.comparison.source import Source
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.common.text import plural

SIDES = ("base", "new")


@dataclass(frozen=True)
class CompareOptions:
    """How to compare.

    Attributes:
        resamples: Trials of the randomisation; with several seeds a side, draws of the difference.
        alpha: Level of significance, after Holm's correction.
        margin: Points that may be lost before a loss is a regression.
        across: Compare what was measured differently, and mark it.
    """

    resamples: int = 10_000
    seed: int = 0
    alpha: float = 0.05
    margin: float = 0.0
    across: bool = False

    def check(self) -> None:
        """Raise UserError for values that make no sense."""
        if self.resamples < 100:
            raise UserError(f"--resamples is {self.resamples}", "so few say nothing", "give 100 or more")
        if not 0 < self.alpha < 1:
            raise UserError(
                f"--alpha is {self.alpha}", "a level of significance is between 0 and 1", "for example 0.05"
            )
        if not (math.isfinite(self.margin) and self.margin >= 0):
            raise UserError(f"--margin is {self.margin}", "a margin is what may be lost, in points", "give 0 or more")


@dataclass(frozen=True)
class ComparisonRow:
    """One line of a comparison. Scores, differences and intervals are in percent points.

    Attributes:
        level: ``cell``, ``task``, ``group`` or ``total``.
        name: ``xnli.de``, ``xnli``, ``qa``, ``all tasks``; ``mean of 3 tasks`` if it is not the official total.
        difference: New minus base.
        interval: 95 % interval of the difference; None where no spread can be known.
        p: Two-sided; ``p_holm`` is corrected for the family of the row.
        significant: ``p_holm`` is at most alpha.
        p_loss: One-sided, of a loss of more than the margin; ``p_loss_holm`` is corrected for the family of the row.
        regression: A task or the total, with ``p_loss_holm`` at most alpha.
        p_mcnemar: Exact McNemar test, for cells of accuracy with one run a side.
        seed_interval: With several runs a side, 95 % interval of the difference over seeds on these same items.
        clusters: Groups of items that are drawn together.
        minimum_detectable: The true difference that would be found with a power of 80 %, before Holm's correction.
        points: Score of every run, by side.
        across: In which parts the measurements of the two sides differ.
        not_zero_shot: The sides (``base``, ``new``) whose numbers here are not zero-shot.
        complete: Everything that the benchmark averages here is on both sides, so that scores are the official ones.
        note: What a reader must know, such as what an average lacks.
    """

    level: str
    name: str
    task: str
    language: str
    base: float
    new: float
    difference: float
    interval: tuple[float, float] | None
    p: float
    p_loss: float
    items: int
    clusters: int
    minimum_detectable: float | None
    points: Mapping[str, Sequence[float]]
    p_holm: float = 1.0
    p_loss_holm: float = 1.0
    significant: bool = False
    regression: bool = False
    p_mcnemar: float | None = None
    seed_interval: tuple[float, float] | None = None
    across: tuple[str, ...] = ()
    not_zero_shot: tuple[str, ...] = ()
    complete: bool = True
    note: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Base against new; several sources a side are seeds.

    Attributes:
        total: None if a single task is common.
        missing: By side (``base``, ``new``), the cells that it lacks.
        signatures: By cell and side.
        failed: By side, runs that came to nothing, and why.
    """

    base: Sequence[Source]
    new: Sequence[Source]
    options: CompareOptions
    cells: Sequence[ComparisonRow]
    tasks: Sequence[ComparisonRow]
    groups: Sequence[ComparisonRow]
    total: ComparisonRow | None
    missing: Mapping[str, Sequence[Missing]]
    signatures: Mapping[str, Mapping[str, str]]
    notes: Sequence[str] = ()
    failed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, str]:
        """What the two sides are called."""
        return side_name(self.base), side_name(self.new)

    @property
    def regressions(self) -> list[ComparisonRow]:
        """Tasks, and the total, that lose significantly more than the margin."""
        return [row for row in self.first_family if row.regression]

    @property
    def first_family(self) -> list[ComparisonRow]:
        """Rows that are tested first: tasks and total."""
        return [*self.tasks, *([self.total] if self.total else [])]

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain values; ``Any``, so that users may index into it."""
        return {
            "base": _side(self.base, self.failed.get("base", {})),
            "new": _side(self.new, self.failed.get("new", {})),
            "options": asdict(self.options),
            "tasks": [asdict(row) for row in self.tasks],
            "groups": [asdict(row) for row in self.groups],
            "total": asdict(self.total) if self.total else None,
            "cells": [asdict(row) for row in self.cells],
            "regressions": [row.name for row in self.regressions],
            "missing": {side: [asdict(cell) for cell in cells] for side, cells in self.missing.items()},
            "signatures": {name: dict(sides) for name, sides in self.signatures.items()},
            "notes": list(self.notes),
        }


def side_name(sources: Sequence[Source]) -> str:
    """The name of the run, or what the names of all seeds begin with."""
    names = [source.name for source in sources]
    if len(names) == 1:
        return names[0]
    shared = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return f"{''.join(letters[0] for letters in shared)}* ({plural(len(names), 'run')})"


def _side(sources: Sequence[Source], failed: Mapping[str, str]) -> JsonObject:
    runs = [
        {
            "name": source.name,
            "seed": source.seed,
            "models": dict(source.models),
            **({"did_not_train": dict(source.untrained)} if source.untrained else {}),
        }
        for source in sources
    ]
    return {"name": side_name(sources), "runs": runs, "failed": dict(failed)}
