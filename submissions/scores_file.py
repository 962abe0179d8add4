"""``scores.json`` as a typed value: the official scorer's keys and numbers on top, ours under one key.

This is the only module that knows under which keys they lie in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from xharness.submissions.score_parts import (
    AVERAGE,
    CELL,
    FURTHER,
    TASK,
    UNSCORED,
    CellScores,
    FurtherAverage,
    Interval,
    TaskSummary,
    Unscored,
    as_interval,
    listed_interval,
)
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.shapes import Each, misfit

FILE = "scores.json"

OfficialValue: TypeAlias = float | Mapping[str, float | Mapping[str, float]]
Sweeps: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]
"""Task to language to measure to block to score."""

SHAPE: Mapping[str, object] = {
    "benchmark": str,
    "resamples?": int,
    "seed?": int,
    "notes?": [str],
    "cells": Each(Each(CELL)),
    "tasks": Each(TASK),
    "groups": Each(AVERAGE),
    "all_task": (AVERAGE, None),
    "averages?": Each(FURTHER),
    "unscored": [dict.fromkeys(UNSCORED, str)],
    "not_zero_shot?": Each([str]),
    "sweep?": Each(Each(Each(Each(float)))),
}
"""Of our part; the official part follows from the cells."""
OFFICIAL = (float, {"avg_metric": float})


@dataclass(frozen=True)
class ScoresFile:
    """The whole file.

    Attributes:
        official: The official scorer's part: a number for each average, an object for each task.
        version: Of xharness that scored.
        cells: By task and language.
        groups: Intervals of the groups that are complete; ``all_task`` that of the total, if there is one.
        averages: The benchmark's further averages whose tasks are complete.
        sweep: Scores by block of every swept cell.
        problems: Of the files that were scored without a model; None for an evaluation.
        not_zero_shot: By task why its score is not zero-shot.
    """

    official: Mapping[str, OfficialValue]
    version: str
    benchmark: str
    resamples: int
    seed: int
    notes: Sequence[str]
    cells: Mapping[str, Mapping[str, CellScores]]
    tasks: Mapping[str, TaskSummary]
    groups: Mapping[str, Interval]
    all_task: Interval
    unscored: Sequence[Unscored]
    averages: Mapping[str, FurtherAverage] = field(default_factory=dict)
    sweep: Sweeps = field(default_factory=dict)
    problems: Sequence[str] | None = None
    not_zero_shot: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def has_total(self) -> bool:
        """All tasks are complete, so that there is an average over them."""
        return "all_task" in self.official

    def average(self, name: str) -> float:
        """The number of a task, of a group or of ``all_task``, in percent. Raises KeyError where there is none."""
        value = self.official[name]
        number = value["avg_metric"] if isinstance(value, Mapping) else value
        assert not isinstance(number, Mapping)
        return float(number)

    def official_score(self, task: str, metric: str, language: str) -> float | None:
        """One number of the official part."""
        found = self.official.get(task)
        scores = found.get(metric) if isinstance(found, Mapping) else None
        return scores.get(language) if isinstance(scores, Mapping) else None

    @property
    def beside(self) -> list[tuple[str, str]]:
        """Task and language of the cells that are in no average."""
        return [
            (task, language)
            for task, cells in self.cells.items()
            for language in cells
            if language not in self._averaged(task)
        ]

    def _averaged(self, task: str) -> set[str]:
        """The languages of a task that its average is over."""
        found = self.official.get(task, {})
        scores = found.values() if isinstance(found, Mapping) else ()
        return {language for each in scores if isinstance(each, Mapping) for language in each}

    @classmethod
    def parse(cls, content: JsonObject) -> ScoresFile:
        """The value of what :func:`fault_of` found nothing wrong in."""
        found: Any = content
        ours, total = found["xharness"], found["xharness"]["all_task"]
        return cls(
            official={name: value for name, value in found.items() if name != "xharness"},
            version=str(ours.get("version", "")),
            benchmark=ours["benchmark"],
            resamples=ours.get("resamples", 0),
            seed=ours.get("seed", 0),
            notes=ours.get("notes", []),
            cells={
                task: {language: CellScores.parse(cell) for language, cell in cells.items()}
                for task, cells in ours["cells"].items()
            },
            tasks={name: TaskSummary.parse(summary) for name, summary in ours["tasks"].items()},
            groups={name: as_interval(group["interval"]) for name, group in ours["groups"].items()},
            all_task=as_interval(total["interval"]) if total else None,
            unscored=[Unscored.parse(cell) for cell in ours["unscored"]],
            averages={name: FurtherAverage.parse(each) for name, each in ours.get("averages", {}).items()},
            sweep=ours.get("sweep", {}),
            problems=ours.get("problems"),
            not_zero_shot=ours.get("not_zero_shot", {}),
        )

    def content(self) -> dict[str, Json]:
        """The content of the file, in the order of its keys."""
        ours: dict[str, Json] = {
            "version": self.version,
            "benchmark": self.benchmark,
            "resamples": self.resamples,
            "seed": self.seed,
            "notes": list(self.notes),
            "cells": {
                task: {lang: cell.content() for lang, cell in cells.items()} for task, cells in self.cells.items()
            },
            "tasks": {name: summary.content() for name, summary in self.tasks.items()},
            "groups": {name: {"interval": listed_interval(interval)} for name, interval in self.groups.items()},
            "all_task": {"interval": listed_interval(self.all_task)} if self.has_total else None,
            **({"averages": {name: each.content() for name, each in self.averages.items()}} if self.averages else {}),
            "unscored": [cell.content() for cell in self.unscored],
        }
        ours |= {"sweep": self.sweep} if self.sweep else {}
        ours |= {} if self.problems is None else {"problems": list(self.problems)}
        ours |= {"not_zero_shot": self.not_zero_shot} if self.not_zero_shot else {}
        return {**self.official, "xharness": ours}


def fault_of(content: Json) -> str:
    """In what a file's content is not one of ours; empty if it is. The official numbers are not looked at."""
    return misfit(content.get("xharness") if isinstance(content, Mapping) else None, SHAPE)


def official_fault(scores: ScoresFile) -> str:
    """A number that the official part lacks although ours has it, or that is not one; empty if there is none."""
    totals = ["all_task"] if scores.all_task else []
    return misfit(scores.official, dict.fromkeys((*scores.tasks, *scores.groups, *totals), OFFICIAL))


def marks_in(content: Json) -> Mapping[str, Sequence[str]]:
    """The marks in the content of any file; empty if it has none."""
    shape = {"xharness?": {"not_zero_shot?": Each([str])}}
    if not isinstance(content, Mapping) or misfit(content, shape):
        return {}
    ours: Any = content.get("xharness", {})
    marks: Mapping[str, Sequence[str]] = ours.get("not_zero_shot", {})
    return marks
