"""Rows, protocols, ranks and ties, and every format of the board."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from xharness.leaderboard.board import Section, sections
from xharness.leaderboard.rows import LeaderboardRow, Protocol
from xharness.leaderboard.runs import run_row
from xharness.tasks.common.version import VERSION


def test_quoted_rows_are_ranked_without_interval_or_tie(board: list[Section]) -> None:
    quoted = next(s for s in board[0].standings if s.row.quoted)
    assert (quoted.rank, quoted.ranks, quoted.ties, quoted.interval) == (3, None, "", None)


def test_protocols_never_mix(board: list[Section]) -> None:
    assert [section.protocol.training for section in board] == ["zero-shot", "beyond English"]
    assert [s.row.model for s in board[1].standings] == ["Other"]


def test_a_row_without_retrieval_joins_the_others_of_its_training(rows: list[LeaderboardRow]) -> None:
    lone = LeaderboardRow("lone", Protocol("zero-shot", "none"), {}, {})
    other = LeaderboardRow("else", Protocol("beyond English", "none"), {}, {})
    found = sections([*rows, lone, other], resamples=0)
    assert [[s.row.model for s in section.standings][-1] for section in found] == ["lone", "else"]


def test_runs_measured_differently_are_noted(folder: Path) -> None:
    one, two = run_row(folder / "best"), run_row(folder / "close")
    assert two.run is not None
    cells = {
        name: replace(cell, signature=f"{cell.signature}|version:9" if name[0] == "xnli" else cell.signature)
        for name, cell in two.run.cells.items()
    }
    newer = replace(two, run=replace(two.run, cells=cells))
    (section,) = sections([one, newer], resamples=0)
    assert [note for note in section.notes if "differently" in note] == [
        f"close was measured differently: version was {VERSION}, now 9"
    ]
