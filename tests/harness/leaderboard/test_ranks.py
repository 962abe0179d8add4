"""Ranks, their intervals, and ties."""

from __future__ import annotations

from pathlib import Path

from xharness.leaderboard.ranks import standings, tie_letters
from xharness.leaderboard.rows import LeaderboardRow
from xharness.leaderboard.runs import run_row


def test_ranks_have_intervals_and_what_cannot_be_told_apart_is_tied(rows: list[LeaderboardRow]) -> None:
    placed = standings(rows, 500, 0)
    assert [(s.row.model, s.rank) for s in placed] == [("best", 1), ("close", 2), ("worse", 3), ("part", None)]
    assert [s.ties for s in placed] == ["a", "a", "", ""]
    assert [s.ranks for s in placed] == [(1, 2), (1, 2), (3, 3), None]
    best = placed[0]
    assert best.interval is not None
    assert best.interval[0] < 75 < best.interval[1]


def test_a_run_beside_itself_shares_its_rank(folder: Path) -> None:
    placed = standings([run_row(folder / "best"), run_row(folder / "best")], 100, 0)
    assert [(s.rank, s.shared, s.ranks, s.ties) for s in placed] == [(1, True, (1, 1), "a")] * 2


def test_standings_are_the_same_for_the_same_seed_and_intervals_for_any(rows: list[LeaderboardRow]) -> None:
    first, again, other = standings(rows, 100, 1), standings(rows, 100, 1), standings(rows, 100, 2)
    assert first == again
    assert [s.interval for s in first] == [s.interval for s in other]


def test_ties_need_not_be_transitive() -> None:
    assert tie_letters({(0, 1), (1, 2)}, [0, 1, 2, 3]) == {0: "a", 1: "a b", 2: "b", 3: ""}
