"""Scores that no run has, for readers of ``scores.json``."""

from __future__ import annotations

from collections.abc import Mapping

from xharness.submissions.score_parts import CellScores, Interval, TaskSummary
from xharness.submissions.scores_file import ScoresFile


def cell_scores(score: float, interval: Interval = None, signature: str = "", n: int = 1) -> CellScores:
    return CellScores(n, score, interval, {"accuracy": interval}, {}, {}, signature)


def scores_file(
    cells: Mapping[str, Mapping[str, CellScores]], interval: Interval = None, average: float = 50.0, of: int = 1
) -> ScoresFile:
    """Every task with the same average and the same interval of it."""
    summary = TaskSummary(True, of, of, [], {"avg_metric": interval}, None)
    return ScoresFile(
        official={task: {"avg_metric": average} for task in cells},
        version="0",
        benchmark="xtreme",
        resamples=0,
        seed=0,
        notes=[],
        cells=cells,
        tasks=dict.fromkeys(cells, summary),
        groups={},
        all_task=None,
        unscored=[],
    )
