"""The driver: what fails blocks its descendants only, what is damaged is done again, others are waited for."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.harness.studies.made_study import (
    assert_whole,
    made_graph,
    named,
    started_and_finished,
    table,
)
from xharness.studies import driver as drivers
from xharness.studies.driver import Driver, Progress
from xharness.studies.executors.base import Ended, Job
from xharness.studies.graph import Graph
from xharness.studies.status import standing
from xharness.studies.step_work import do_work
from xharness.studies.store import Store
from xharness.studies.worker import HELD, INTERRUPTED, do_step
from xharness.tasks.common import sealed
from xharness.tasks.common.errors import UserError

pytestmark = pytest.mark.usefixtures("known_steps")


class Here:
    """Does each job in this process, at once."""

    is_here = False

    def __init__(self) -> None:
        self.jobs: list[str] = []
        self.over: list[Ended] = []
        self.stopped = False

    @property
    def room(self) -> int:
        return 1 - len(self.over)

    def start(self, job: Job) -> None:
        job.log.parent.mkdir(parents=True, exist_ok=True)
        job.log.write_text("the last line\n")
        self.jobs.append(job.step_id)
        self.over.append(Ended(job.step_id, do_step(Store(job.store), job.step_id, do_work)))

    def ended(self, wait: float) -> list[Ended]:
        over, self.over = self.over, []
        return over

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def run(graph: Graph, store: Store, executor: Here | None = None) -> Progress:
    executor = executor or Here()
    progress = Driver(graph, store, executor).run()
    assert executor.stopped
    return progress


def reasons(progress: Progress) -> dict[str, str]:
    return {progress.graph.steps[name].title: reason for name, reason in progress.failed.items()}


def test_everything_is_done_once_and_then_nothing(store: Store) -> None:
    graph, executor = made_graph(), Here()
    assert not run(graph, store, executor).failed
    assert executor.jobs == list(graph.steps)
    assert_whole(graph, store)
    again = Here()
    assert run(graph, store, again).done == set(graph.steps)
    assert again.jobs == []


@pytest.mark.parametrize(
    ("how", "reason"),
    [("user", "the data are gone"), ("full", "cannot use weights: No space left on device")],
)
def test_a_failure_blocks_its_descendants_only_and_is_tried_again(
    store: Store, tmp_path: Path, how: str, reason: str
) -> None:
    mended = tmp_path / "mended"
    graph = made_graph(breaks={"a": how}, mended=str(mended))
    progress = run(graph, store)
    assert reasons(progress) == {"a": reason}
    assert {graph.steps[name].title for name in progress.done} == {"b"}
    assert {graph.steps[name].title for name in progress.blocked} == {"a1", "a2", "both"}
    found = standing(graph, store)
    assert [(record["reason"], record["log"]) for record in found.failed.values()] == [(reason, ["the last line"])]
    assert len(found.blocked) == 3
    assert [event["reason"] for event in store.events() if event["event"] == "failed"] == [reason]

    mended.touch()
    executor = Here()
    assert not run(graph, store, executor).failed
    assert named(graph, "b") not in executor.jobs
    assert_whole(graph, store)


def test_a_driver_without_room_on_its_disk_still_tells(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = made_graph(breaks={"a": "full"}, mended="/nowhere")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Store, "fail", full)
    progress = run(graph, store)
    assert reasons(progress) == {"a": "its process ended with 1"}
    assert {graph.steps[name].title for name in progress.done} == {"b"}


def test_a_job_that_cannot_be_started_is_a_failed_step(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "logs")

    monkeypatch.setattr(Here, "start", full)
    progress = run(made_graph(), store)
    assert set(reasons(progress)) == {"a", "b"}
    assert reasons(progress)["a"] == "it cannot be started: [Errno 28] No space left on device: 'logs'"


@pytest.mark.parametrize("name", ["a", "both"])
def test_a_damaged_result_is_done_again(store: Store, name: str) -> None:
    graph = made_graph()
    run(graph, store)
    before = table(graph, store)
    (store.output(named(graph, name)) / "state.json").write_text("[12, 0]")
    if name == "a":  # a parent is looked at before it is read
        again = named(graph, "a1")
        store.set_aside(again)
    progress = run(graph, store)
    assert [note.split(" (")[0] for note in progress.notes] == [f"{name} is damaged"]
    assert table(graph, store) == before
    assert len(list(store.root.glob("damaged/*"))) == 1 + (name == "a")


def test_a_stale_reason_is_not_given_for_a_new_failure(store: Store) -> None:
    graph = made_graph(breaks={"a": "user"}, mended="/nowhere")
    run(graph, store)

    class Dies(Here):
        def start(self, job: Job) -> None:
            self.over.append(Ended(job.step_id, 9))

    assert reasons(run(graph, store, Dies()))["a"] == "its process ended with 9"


def test_what_another_driver_does_is_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "ELSEWHERE", 0.0)
    monkeypatch.setattr(drivers, "WAIT", 0.01)
    graph = made_graph()
    a = named(graph, "a")
    seen: list[set[str]] = []
    lease = store.lease(a)

    class Meanwhile(Here):
        def ended(self, wait: float) -> list[Ended]:
            over = super().ended(wait)
            if not over and lease.is_mine:
                seen.append(set(work.progress.elsewhere))
                held.__exit__(None, None, None)  # its worker is gone, without a result
            return over

    held = lease.held()
    held.__enter__()
    executor = Meanwhile()
    work = Driver(graph, store, executor)
    assert not work.run().failed
    assert {a} in seen
    assert executor.jobs[0] == named(graph, "b")
    assert_whole(graph, store)


def test_jobs_of_a_driver_that_was_killed_are_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "ELSEWHERE", 0.0)
    monkeypatch.setattr(drivers, "WAIT", 0.01)
    graph, started = made_graph(), list[list[str]]()
    lease = store.lease(named(graph, "a"))
    held = lease.held()

    class OnThisMachine(Here):
        is_here = True

        def ended(self, wait: float) -> list[Ended]:
            if lease.is_mine:
                started.append(list(self.jobs))
                held.__exit__(None, None, None)
            return super().ended(wait)

    held.__enter__()
    assert not run(graph, store, OnThisMachine()).failed
    assert started == [[]], "one at a time, and there was one"
    assert_whole(graph, store)


def test_a_result_that_is_not_seen_yet_is_no_failure(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a network file system, which believes for a while that a file is not there."""
    monkeypatch.setattr(drivers, "ELSEWHERE", 0.0)
    monkeypatch.setattr(drivers, "WAIT", 0.01)
    graph, asked = made_graph(), Counter[str]()

    class Late(Store):
        def is_done(self, step_id: str) -> bool:
            asked[step_id] += super().is_done(step_id)
            return asked[step_id] > 4

    assert not run(graph, Late(store.root)).failed
    assert_whole(graph, store)


def test_what_cannot_be_read_is_not_damaged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = made_graph()
    run(graph, store)

    def unreadable(_path: Path) -> str:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "state.json")

    monkeypatch.setattr(sealed, "hash_file", unreadable)
    executor = Here()
    with pytest.raises(UserError, match="cannot read state") as told:
        Driver(graph, store, executor).run()
    assert told.value.why == "Input/output error; nothing was changed"
    assert executor.stopped
    assert store.done() == set(graph.steps)
    assert not (store.root / "damaged").exists()


def test_steps_are_stopped_whatever_happens_on_the_screen(store: Store) -> None:
    def broken(_progress: Progress) -> None:
        raise KeyboardInterrupt

    executor = Here()
    with pytest.raises(KeyboardInterrupt):
        Driver(made_graph(), store, executor, shown=broken).run()
    assert executor.stopped


def test_an_interruption_on_a_full_disk_is_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = made_graph()
    a, note = named(graph, "a"), Store.note
    store.plan(graph.steps[a])

    def full(self: Store, event: str, step_id: str, **facts: Any) -> None:
        if event == "interrupted":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        note(self, event, step_id, **facts)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "note", full)
    assert do_step(store, a, interrupted) == INTERRUPTED


def test_a_worker_leaves_a_held_step_alone(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    graph = made_graph()
    a = named(graph, "a")
    store.plan(graph.steps[a])
    with pytest.raises(ZeroDivisionError), store.lease(a).held():
        assert do_step(store, a, do_work) == HELD
        raise ZeroDivisionError
    assert f"left to others: process {os.getpid()}" in capsys.readouterr().out
    assert not started_and_finished(store)[0]


def test_an_error_of_the_cluster_ends_the_run_in_order(store: Store) -> None:
    class Lost(Here):
        def ended(self, wait: float) -> list[Ended]:
            raise UserError("the head is gone", "it does not answer", "run it again")

    executor = Lost()
    with pytest.raises(UserError, match="the head is gone"):
        Driver(made_graph(), store, executor).run()
    assert executor.stopped


def test_ten_thousand_steps_take_little_memory(store: Store) -> None:
    """Of the graph, the driver and a look at the store together; the whole process stays below 500 MB."""
    import tracemalloc

    from tests.harness.studies.ten_thousand import graph_of, publish_all

    tracemalloc.start()
    graph = graph_of(10_000)
    publish_all(graph, store, whole=False)
    driver = Driver(graph, store, Here())
    driver.progress.done = store.done() & graph.steps.keys()
    found = standing(graph, store)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.done) == 9_000
    assert json.dumps(found.record())
    assert peak < 200e6
