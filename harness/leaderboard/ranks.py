"""Who is ahead of whom, and how sure that is: rank intervals and ties from the differences between rows.

All runs are scored on the same items, so that the spread of a difference is that of paired items. Two rows are tied if
the 95 % interval of their difference covers 0. The ranks that a row may have follow from its differences to all other
rows, taken together (the largest of them at 95 %): those that are surely better are above it, those that are surely
worse below (Mogstad, Romano, Shaikh and Wilhelm 2024). Quoted rows hold still, because their items are not known; so
they have no interval, and are in no tie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from string import ascii_lowercase

import numpy as np

from xharness.comparison.pairing import pair
from xharness.comparison.resampling import Resampled, average, resample_task
from xharness.comparison.source import Source, is_same
from xharness.comparison.statistics import adjust_bonett_price
from xharness.leaderboard.rows import LeaderboardRow
from xharness.tasks.base import FloatArray
from xharness.tasks.metrics.intervals import seed_of, student
from xharness.tasks.registry import XTREME

SAME = 1e-9  # points; sums of the same numbers in another order count as equal


@dataclass(frozen=True)
class Standing:
    """A row and its place among those with an average.

    Attributes:
        rank: By the average, equal averages share one; None without an average.
        shared: Another row has exactly the same average.
        ranks: The lowest and the highest rank that the row may have (95 %); None where items are not known.
        ties: Letters; two rows that share one cannot be told apart (the 95 % interval of their difference covers 0).
        interval: Of the average, 95 %; None where items are not known.
    """

    row: LeaderboardRow
    rank: int | None
    shared: bool = False
    ranks: tuple[int, int] | None = None
    ties: str = ""
    interval: tuple[float, float] | None = None


def standings(rows: Sequence[LeaderboardRow], resamples: int, seed: int) -> list[Standing]:
    """Rows of one protocol, best first; those without an average at the end, in the order given.

    Args:
        resamples: Draws behind the ranks; 0 for no intervals, ranks and ties.
    """
    order = sorted((row for row in rows if "all_task" in row.scores), key=lambda row: -row.scores["all_task"])
    rest = [Standing(row, None) for row in rows if "all_task" not in row.scores]
    scores = np.array([row.scores["all_task"] for row in order])
    sources = {index: row.run for index, row in enumerate(order) if row.run is not None}
    total = _total(list(sources.values())) if sources and resamples else None
    if total is None:
        return [*(_standing(row, scores, index) for index, row in enumerate(order)), *rest]
    known = sorted(sources)
    apart = Differences(scores, sources, total)
    ranks = possible_ranks(apart, known, resamples, seed)
    letters = tie_letters({pair for pair in combinations(known, 2) if apart.cover_zero(*pair)}, known)
    ranked = []
    for index, row in enumerate(order):
        placed = _standing(row, scores, index)
        if index in sources:
            bounds = total.spread.interval(known.index(index))
            placed = Standing(row, placed.rank, placed.shared, ranks[index], letters[index], bounds)
        ranked.append(placed)
    return [*ranked, *rest]


class Differences:
    """First minus other row, for all pairs of rows.

    Attributes:
        values: Shape (rows, rows), in points; 0 where averages are equal.
        errors: Standard errors, the same shape.
        same: A run beside itself, the same shape.
    """

    def __init__(self, scores: FloatArray, sources: Mapping[int, Source], total: Resampled) -> None:
        known = list(sources)
        covariance = np.zeros((len(scores), len(scores)))
        covariance[np.ix_(known, known)] = total.spread.covariance
        own = np.diag(covariance)
        self.covariance = covariance
        variances = own[:, None] + own[None, :] - 2 * covariance
        values = scores[:, None] - scores[None, :]
        values[np.abs(values) <= SAME] = 0
        self.values, wider = adjust_bonett_price(values, variances, total.apart)
        self.errors = np.sqrt(wider)
        self.times = student(total.spread.freedom)
        self.same = np.eye(len(scores), dtype=np.bool_)
        for first, other in combinations(known, 2):
            same = is_same(sources[first], sources[other]) and variances[first, other] <= SAME**2
            self.same[first, other] = self.same[other, first] = same

    def cover_zero(self, first: int, other: int) -> bool:
        """The 95 % interval of the difference of two rows covers 0."""
        return bool(abs(self.values[first, other]) <= self.times * self.errors[first, other])


def possible_ranks(apart: Differences, known: Sequence[int], resamples: int, seed: int) -> dict[int, tuple[int, int]]:
    """For each row of which items are known, the lowest and the highest rank."""
    generator = np.random.default_rng(seed_of(seed, "ranks"))
    values, vectors = np.linalg.eigh(apart.covariance)
    worlds = generator.standard_normal((resamples, len(values))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    found = {}
    for row in known:
        others = np.flatnonzero(~apart.same[row])
        away = np.abs(worlds[:, [row]] - worlds[:, others]) / apart.errors[row, others]
        times = max(apart.times, float(np.quantile(away.max(axis=1, initial=0), 0.95)))
        sure = apart.values[row, others] / apart.errors[row, others]
        found[row] = (1 + int((sure < -times).sum()), 1 + int((sure <= times).sum()))
    return found


def tie_letters(tied: set[tuple[int, int]], rows: Sequence[int]) -> dict[int, str]:
    """For each of the rows the letters of the largest groups in which no two can be told apart.

    Args:
        tied: Pairs of rows that cannot be told apart, the better one first.
        rows: Best first.
    """
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


def _standing(row: LeaderboardRow, scores: FloatArray, index: int) -> Standing:
    """The place by the averages alone."""
    higher = int((scores > scores[index] + SAME).sum())
    same = int((np.abs(scores - scores[index]) <= SAME).sum())
    return Standing(row, higher + 1, same > 1)


def _total(sources: Sequence[Source]) -> Resampled | None:
    """The averages of the sources and their spread.

    None if a cell is a single cluster, which has no spread, or if a cell of the average has no items that all runs
    share, such as pairs that were mined in other corpora: then the runs have no spread in common.
    """
    cells = pair(sources[:1], sources[1:], across=True).cells
    if any((name, language) not in cells for name, languages in XTREME.languages.items() for language in languages):
        return None
    tasks = []
    for name, languages in XTREME.languages.items():
        tasks.append(average(resample_task([cells[name, language] for language in languages], 0, 0)))
    total = average(tasks)
    return total if total.clusters else None
