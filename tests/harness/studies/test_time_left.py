"""How long a study takes still."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.studies.driver import Progress
from xharness.studies.graph import Graph, Step
from xharness.studies.store import Store
from xharness.studies.time_left import Pace, times

SHORT, LONG, OTHER, TESTED = (
    Step("train", "a" * 64, "short"), Step("train", "b" * 64, "long"),
    Step("train", "c" * 64, "other"), Step("evaluate", "d" * 64, "tested"),
)  # fmt: skip
GRAPH = Graph.of([SHORT, LONG, OTHER, TESTED])
OPERATIONS = {SHORT.id: 1e12, LONG.id: 10e12, OTHER.id: 2e12, TESTED.id: 1e12}


def test_nothing_is_known_before_the_first_is_finished() -> None:
    assert Pace(GRAPH, {}, OPERATIONS).left([LONG.id], {SHORT.id: 1000.0}) is None


def test_a_long_step_is_expected_to_be_long_and_gets_shorter_while_it_runs() -> None:
    pace = Pace(GRAPH, {SHORT.id: 60.0}, OPERATIONS)
    left = [pace.left([OTHER.id], {LONG.id: elapsed}) for elapsed in (0.0, 300.0, 600.0, 900.0)]
    assert left == [720.0, 420.0, 120.0, 120.0], "what takes longer than was expected adds nothing"


def test_steps_are_as_fast_as_those_of_their_kind() -> None:
    seconds = {SHORT.id: 60.0, OTHER.id: 60.0, TESTED.id: 7.0}
    assert Pace(GRAPH, seconds, OPERATIONS).left([LONG.id], {}) == pytest.approx(400.0)
    assert Pace(GRAPH, seconds, {}).left([LONG.id], {}) == 60.0, "without a budget as long as they are"


def test_where_none_of_a_kind_is_finished_all_kinds_tell() -> None:
    assert Pace(GRAPH, {SHORT.id: 60.0}, OPERATIONS).left([TESTED.id], {}) == 60.0
    assert Pace(GRAPH, {SHORT.id: 60.0}, {SHORT.id: 1e12}).left([TESTED.id], {}) == 60.0


def test_steps_side_by_side_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1000.0)
    running = {LONG.id: 900.0, OTHER.id: 1000.0}
    progress = Progress(GRAPH, {SHORT.id}, running, seconds={SHORT.id: 60.0}, operations=OPERATIONS)
    assert progress.seconds_left == (500.0 + 120.0 + 60.0) / 2
    progress.fail(LONG.id, "no room")
    del running[LONG.id]
    assert progress.seconds_left == 120.0 + 60.0


def test_the_log_of_the_store_tells_when(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.note("started", LONG.id)
    store.note("finished", SHORT.id, seconds=2.5)
    store.note("finished", "of another study", seconds=1.0)
    seconds, started = times(GRAPH, store)
    assert seconds == {SHORT.id: 2.5}
    assert started.keys() == {LONG.id}


def test_a_log_that_holds_no_numbers_tells_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.note("finished", SHORT.id, seconds="soon")
    store.note("finished", LONG.id)
    store.note("finished", OTHER.id, seconds=3.0)
    assert times(GRAPH, store)[0] == {OTHER.id: 3.0}
