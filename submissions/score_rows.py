"""The scores of a run as tidy rows: a number each, with its interval and what produced it, for pandas and for files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from xharness.submissions.score_parts import CellScores, Interval
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.signature import Signature
from xharness.tasks.common.json_types import Json

if TYPE_CHECKING:
    from pandas import DataFrame

SIGNED = "signature_"
"""What the columns of a signature's parts begin with."""


class Level(StrEnum):
    """What a number is the score of."""

    CELL = "cell"
    TASK = "task"
    GROUP = "group"
    AVERAGE = "average"
    TOTAL = "total"


class Kind(StrEnum):
    """Which of the numbers of a cell it is."""

    SCORE = "score"  # the one that averages are made of
    METRIC = "metric"
    VARIANT = "variant"


@dataclass(frozen=True)
class TidyRow:
    """One number, in percent.

    Attributes:
        task: Name of the task; of the group or average where it is one of several tasks.
        language: Empty for what is an average.
        interval_low, interval_high: Bounds of the 95 % interval; None where it is not known.
        n: Number of examples; of a task the number of languages; None for averages of tasks.
        not_zero_shot: Why it is not zero-shot; empty if nothing is known against it.
    """

    level: Level
    task: str
    language: str
    kind: Kind
    metric: str
    value: float
    interval_low: float | None
    interval_high: float | None
    n: int | None
    not_zero_shot: str
    benchmark: str
    version: str
    signature: str


NUMBERS = ("value", "interval_low", "interval_high", "n")
"""Columns that hold numbers; all others hold texts."""


def score_rows(scores: ScoresFile) -> list[TidyRow]:
    """Every number of a file: cells first, then tasks, groups, further averages and the total."""
    return [*_cells(scores), *_tasks(scores), *_averages(scores)]


def tidy(scores: ScoresFile) -> list[dict[str, Json]]:
    """The rows as records with the same columns each; parts of signatures have a column each, empty where absent."""
    rows = score_rows(scores)
    signed = [Signature.parse(row.signature).parts for row in rows]
    parts = dict.fromkeys(name for each in signed for name in each)
    return [
        {
            **asdict(row),
            "level": row.level.value,
            "kind": row.kind.value,
            **{f"{SIGNED}{name}": has.get(name, "") for name in parts},
        }
        for row, has in zip(rows, signed, strict=True)
    ]


def frame(scores: ScoresFile) -> DataFrame:
    """The same as a table of pandas, which is imported here."""
    import pandas

    return pandas.DataFrame.from_records(tidy(scores))


def _cells(scores: ScoresFile) -> Iterator[TidyRow]:
    for task, languages in scores.cells.items():
        for language, cell in languages.items():
            for kind, metric, value, interval in _numbers(scores, task, language, cell):
                yield _row(
                    scores, Level.CELL, task, metric, value, interval, kind=kind, language=language, n=cell.n,
                    signature=cell.signature,
                )  # fmt: skip


def _numbers(
    scores: ScoresFile, task: str, language: str, cell: CellScores
) -> Iterator[tuple[Kind, str, float, Interval]]:
    """The numbers of a cell: its score, official metrics, variants."""
    yield Kind.SCORE, "score", cell.score, cell.score_interval
    for metric, interval in cell.interval.items():
        value = scores.official_score(task, metric, language)
        if value is not None:  # the official part has the languages of the benchmark only
            yield Kind.METRIC, metric, value, interval
    for name, value in cell.variants.items():
        yield Kind.VARIANT, name, value, cell.variant_intervals.get(name)


def _tasks(scores: ScoresFile) -> Iterator[TidyRow]:
    """A task's number and those that it is the mean of, over its languages."""
    for task, summary in scores.tasks.items():
        official = scores.official[task]
        averages: Iterable[tuple[str, object]] = official.items() if isinstance(official, Mapping) else ()
        for name, value in averages:
            if isinstance(value, float):
                kind, metric = (Kind.SCORE, "score") if name == "avg_metric" else (Kind.METRIC, name[len("avg_") :])
                interval = summary.interval.get(name)
                yield _row(scores, Level.TASK, task, metric, value, interval, kind=kind, n=summary.languages)


def _averages(scores: ScoresFile) -> Iterator[TidyRow]:
    for name, interval in scores.groups.items():
        yield _row(scores, Level.GROUP, name, "score", scores.average(name), interval)
    for name, found in scores.averages.items():
        yield _row(scores, Level.AVERAGE, name, "score", found.score, found.interval)
    if scores.has_total:
        yield _row(scores, Level.TOTAL, "all_task", "score", scores.average("all_task"), scores.all_task)


def _row(
    scores: ScoresFile,
    level: Level,
    task: str,
    metric: str,
    value: float,
    interval: Interval,
    *,
    kind: Kind = Kind.SCORE,
    language: str = "",
    n: int | None = None,
    signature: str = "",
) -> TidyRow:
    low, high = interval or (None, None)
    seen = "; ".join(scores.not_zero_shot.get(task, ()))
    return TidyRow(
        level, task, language, kind, metric, value, low, high, n, seen, scores.benchmark, scores.version, signature
    )
