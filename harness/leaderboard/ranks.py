"""Who is ahead of whom, and how sure that is: rank intervals and ties from resampled items (paired bootstrap).

All runs are resampled together: draw r takes the same items in every run. A run's rank is worked out anew in every
draw. Quoted rows hold still, because their items are not known; so they have no interval, and are in no tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from string import ascii_lowercase

import numpy as np

from harness.compare.pairing import pair
from harness.compare.resampling import average, draw_task
from harness.compare.source import Source
from harness.leaderboard.rows import Row
from tasks.base import FloatArray
from tasks.metrics.intervals import interval
from tasks.registry import XTREME

SAME = 1e-9  # points; sums of the same numbers in another order count as equal


@dataclass(frozen=True)
class Standing:
    """A row and its place among those with an average.

    Attributes:
        rank: By the average, equal averages share one; None without an average.
        shared: Another row has exactly the same average.
        ranks: The lowest and the highest rank in 95 % of the draws; None where items are not known.
        ties: Letters; two rows that share one cannot be told apart (the 95 % interval of their difference covers 0).
        interval: Of the average, 95 %; None where items are not known.
    """

    row: Row
    rank: int | None
    shared: bool = False
    ranks: tuple[int, int] | None = None
    ties: str = ""
    interval: tuple[float, float] | None = None


def standings(rows: Sequence[Row], resamples: int, seed: int) -> list[Standing]:
    """Rows of one protocol, best first; those without an average at the end, in the order given."""
    order = sorted((row for row in rows if "all_task" in row.scores), key=lambda row: -row.scores["all_task"])
    rest = [Standing(row, None) for row in rows if "all_task" not in row.scores]
    scores = np.array([row.scores["all_task"] for row in order])
    sources = {index: row.run for index, row in enumerate(order) if row.run is not None}
    drawn = _draws(list(sources.values()), resamples, seed) if sources and resamples else None
    if drawn is None:
        return [*(_standing(row, scores, index) for index, row in enumerate(order)), *rest]
    whole = np.tile(scores, (len(drawn), 1))
    whole[:, list(sources)] = drawn
    ranks = 1 + (whole[:, None, :] > whole[:, :, None] + SAME).sum(axis=2)
    letters = tie_letters(whole, sorted(sources))
    ranked = []
    for index, row in enumerate(order):
        placed = _standing(row, scores, index)
        if index in sources:
            low, high = np.quantile(ranks[:, index], [0.025, 0.975], method="inverted_cdf")
            placed = Standing(
                row, placed.rank, placed.shared, (int(low), int(high)), letters[index], interval(whole[:, index])
            )
        ranked.append(placed)
    return [*ranked, *rest]


def tie_letters(draws: FloatArray, rows: Sequence[int]) -> dict[int, str]:
    """For each of the rows the letters of the largest groups in which no two can be told apart.

    Args:
        draws: Shape (resamples, all rows).
        rows: Columns of the rows that vary, best first.
    """
    tied = {pair for pair in combinations(rows, 2) if _covers_zero(draws[:, pair[0]] - draws[:, pair[1]])}
    groups: list[set[int]] = []
    for first, second in sorted(tied):
        group = {first, second}
        for other in rows:
            if other not in group and all(tuple(sorted((other, member))) in tied for member in group):
                group.add(other)
        if group not in groups:
            groups.append(group)
    return {row: " ".join(_letter(number) for number, group in enumerate(groups) if row in group) for row in rows}


def _letter(number: int) -> str:
    return ascii_lowercase[number % 26] * (1 + number // 26)


def _covers_zero(differences: FloatArray) -> bool:
    low, high = interval(differences)
    return low <= SAME and high >= -SAME


def _standing(row: Row, scores: FloatArray, index: int) -> Standing:
    """The place by the averages alone."""
    higher = int((scores > scores[index] + SAME).sum())
    same = int((np.abs(scores - scores[index]) <= SAME).sum())
    return Standing(row, higher + 1, same > 1)


def _draws(sources: Sequence[Source], resamples: int, seed: int) -> FloatArray | None:
    """Resampled averages of shape (resamples, sources); None if a cell is a single cluster, which has no spread."""
    cells = pair(sources[:1], sources[1:], across=True).cells
    tasks = []
    for name, languages in XTREME.languages.items():
        paired = [cells[name, language] for language in languages if (name, language) in cells]
        drawn, clusters = draw_task(paired, resamples, seed)
        tasks.append(average(drawn, clusters))
    total = average(tasks)
    return total.bootstrap if total.clusters else None
