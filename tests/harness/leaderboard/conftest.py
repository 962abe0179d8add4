"""Runs, rows and boards that several tests look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.leaderboard.runs import share, write_run
from xharness.leaderboard.board import Section, sections
from xharness.leaderboard.rows import LeaderboardRow, Protocol
from xharness.leaderboard.runs import run_row


@pytest.fixture(scope="module", autouse=True)
def sizes() -> Iterator[None]:
    """The small test sets of these runs count as whole ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xharness.leaderboard.runs.is_of_other_size", lambda *_: False)
        yield


@pytest.fixture(scope="module")
def folder(sizes: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs that are about as good (other items right), one that is worse, and half a one."""
    root = tmp_path_factory.mktemp("runs")
    write_run(root / "best", share(30))
    write_run(root / "close", share(29)[::-1])
    write_run(root / "worse", share(5))
    write_run(root / "part", share(40), without=("xnli", "tatoeba"))
    return root


@pytest.fixture(scope="module")
def rows(sizes: None, folder: Path) -> list[LeaderboardRow]:
    return [run_row(folder / name) for name in ("worse", "part", "best", "close")]


@pytest.fixture(scope="module")
def board(rows: list[LeaderboardRow]) -> list[Section]:
    quoted = LeaderboardRow(
        "Quoted | <b>", Protocol("zero-shot", "frozen"), {"all_task": 50.0, "xnli": 50.0}, {}, sources=("X",)
    )
    other = LeaderboardRow("Other", Protocol("beyond English", "frozen"), {"all_task": 99.0}, {}, sources=("Y",))
    return sections([*rows, quoted, other], resamples=300)
