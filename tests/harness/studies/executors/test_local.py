"""Steps as processes of this machine: whatever is killed, the same command ends in the same bytes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness.studies.made_study import (
    assert_whole,
    driven,
    finished,
    named,
    started_and_finished,
    table,
    ticks,
    wait_for,
    worker_of,
)
from xharness.studies.executors.base import ExecutorOptions, Job
from xharness.studies.executors.local import start
from xharness.studies.graph import Graph
from xharness.studies.store import Store
from xharness.tasks.common.errors import UserError

SLOW = "0.15"
"""Seconds of a tick, so that there is a middle to be killed in."""


def test_a_killed_worker_is_taken_over_where_it_was(graph: Graph, undisturbed: bytes, tmp_path: Path) -> None:
    store, a = Store(tmp_path), named(graph, "a")
    driver = driven(tmp_path, SLOW, "local")
    wait_for(lambda: ticks(store, a) >= 3)
    os.kill(worker_of(store, a), signal.SIGKILL)
    said = finished(driver, code=1)
    assert "failed: a: killed by signal 9" in said
    assert "blocked: ['a1', 'a2', 'both']" in said
    assert store.is_done(named(graph, "b")), "what does not need it is done"

    finished(driven(tmp_path, "0", "local"))
    assert table(graph, store) == undisturbed
    assert_whole(graph, store)
    assert started_and_finished(store)[0][a] == 2
    first, second = [line for line in store.log(a).read_text().splitlines() if "from tick" in line]
    assert "from tick 0," in first
    assert "from tick 0," not in second


def test_a_killed_driver_is_followed_by_another(graph: Graph, undisturbed: bytes, tmp_path: Path) -> None:
    store = Store(tmp_path)
    driver = driven(tmp_path, SLOW, "local")
    wait_for(lambda: ticks(store, named(graph, "a")) >= 3)
    driver.kill()
    driver.communicate(timeout=60)
    finished(driven(tmp_path, SLOW, "local"))
    assert table(graph, store) == undisturbed
    assert_whole(graph, store)
    assert set(started_and_finished(store)[0].values()) == {1}, "its workers went on, and were waited for"


def test_two_drivers_share_a_store(graph: Graph, undisturbed: bytes, tmp_path: Path) -> None:
    both = [driven(tmp_path, "0.05", "local") for _ in range(2)]
    for driver in both:
        finished(driver)
    assert table(graph, Store(tmp_path)) == undisturbed
    assert_whole(graph, Store(tmp_path))


def test_a_driver_that_is_asked_to_end_lets_its_steps_save(graph: Graph, undisturbed: bytes, tmp_path: Path) -> None:
    store = Store(tmp_path)
    driver = driven(tmp_path, SLOW, "local")
    wait_for(lambda: ticks(store, named(graph, "a")) >= 1)
    driver.terminate()
    finished(driver, code=130)
    assert not store.working()
    assert "interrupted" in {event["event"] for event in store.events()}
    finished(driven(tmp_path, "0", "local"))
    assert table(graph, store) == undisturbed
    assert_whole(graph, store)


def test_a_worker_that_somebody_asks_to_end_is_started_again(graph: Graph, tmp_path: Path) -> None:
    store, a = Store(tmp_path), named(graph, "a")
    driver = driven(tmp_path, SLOW, "local")
    wait_for(lambda: ticks(store, a) >= 2)
    os.kill(worker_of(store, a), signal.SIGUSR2)
    assert "a was interrupted: started again" in finished(driver)
    assert_whole(graph, store)


@dataclass(frozen=True)
class Shows(Job):
    """Prints the cards that it may use."""

    def command(self, processes: int = 1, watched: int | None = None) -> Sequence[str]:
        return [sys.executable, "-c", "import os; print(os.environ['CUDA_VISIBLE_DEVICES'])"]


@pytest.mark.parametrize(
    ("jobs", "gpus", "dealt"),
    [(None, 0, ["0", "1"]), (None, 2, ["0,1"]), (3, 0, ["0", "0", "1"]), (1, 1, ["0"])],
)
def test_every_step_has_a_card_of_its_own_while_there_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int | None, gpus: int, dealt: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    executor = start(ExecutorOptions(store=tmp_path, jobs=jobs, gpus=gpus))
    assert executor.room == len(dealt)
    for number in range(len(dealt)):
        executor.start(Shows(str(number), tmp_path, 1, tmp_path / str(number)))
    left = len(dealt)
    while left:
        left -= len(executor.ended(60))
    assert sorted((tmp_path / str(number)).read_text().strip() for number in range(len(dealt))) == dealt
    assert executor.room == len(dealt)


def test_a_step_on_more_cards_than_there_are_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    with pytest.raises(UserError, match="--gpus 3 for each step") as caught:
        start(ExecutorOptions(store=tmp_path, gpus=3))
    assert "2 cards" in caught.value.why
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")  # which hides them all
    assert start(ExecutorOptions(store=tmp_path, jobs=1)).gpus == 0
