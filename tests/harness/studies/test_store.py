"""The store: what is whole stays, what is damaged is moved aside, and its log survives whoever wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xharness.studies.graph import Step
from xharness.studies.lease import LeaseLostError
from xharness.studies.store import MARK, OUTPUT, Store
from xharness.tasks.common.errors import UserError

STEP = Step("made", "0123456789abcdef" * 4, "a step")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def publish(store: Store, step: Step = STEP) -> None:
    out = store.work(step.id) / OUTPUT
    out.mkdir(parents=True, exist_ok=True)
    (out / "numbers.json").write_text("[1]")
    lease = store.lease(step.id)
    with lease.held():
        store.publish(step, lease, {"seconds": 1.0})


def test_a_published_step_is_whole_and_checked(store: Store) -> None:
    store.plan(STEP)
    assert store.planned(STEP.id) == STEP
    publish(store)
    assert store.done() == {STEP.id}
    assert store.check(STEP.id) == []
    assert json.loads((store.root / "steps" / STEP.id / MARK).read_text())["title"] == "a step"


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda folder: (folder / OUTPUT / "numbers.json").write_text("[2]"), "numbers.json"),
        (lambda folder: (folder / OUTPUT / "numbers.json").unlink(), "numbers.json"),
        (lambda folder: (folder / MARK).write_text("{}"), MARK),
        (lambda folder: (folder / MARK).write_text("not JSON"), MARK),
        (lambda folder: (folder / MARK).write_text('{"files": {"../../x": "0"}, "sha256": "0"}'), MARK),
    ],
)
def test_damage_is_seen_and_moved_aside(store: Store, damage: object, named: str) -> None:
    publish(store)
    damage(store.root / "steps" / STEP.id)  # type: ignore[operator]
    assert store.check(STEP.id) == [named]
    aside = store.set_aside(STEP.id)
    assert aside.is_dir()
    assert not store.is_done(STEP.id)
    store.set_aside(STEP.id)  # another driver was quicker
    publish(store)
    assert store.check(STEP.id) == []


def test_half_a_folder_in_the_place_of_a_step_does_not_stop_it(store: Store) -> None:
    (store.root / "steps" / STEP.id / OUTPUT).mkdir(parents=True)
    (store.root / "steps" / STEP.id / OUTPUT / "part").write_text("copied by hand")
    publish(store)
    assert store.check(STEP.id) == []
    assert [path.read_text() for path in store.root.glob("damaged/*/output/part")] == ["copied by hand"]


def test_what_cannot_be_moved_aside_is_told(store: Store) -> None:
    publish(store)
    (store.root / "damaged").write_text("a file")
    with pytest.raises(UserError, match="cannot use "):
        store.set_aside(STEP.id)


def test_who_lost_the_lease_publishes_nothing(store: Store) -> None:
    out = store.work(STEP.id) / OUTPUT
    out.mkdir(parents=True)
    lease = store.lease(STEP.id)
    with lease.held():
        taken = {"owner": "another", "host": "elsewhere", "numbering": "", "process": 1, "born": ""}
        (lease.folder / "2").write_text(json.dumps(taken))
        with pytest.raises(LeaseLostError):
            store.publish(STEP, lease, {})
    assert not store.is_done(STEP.id)
    assert out.is_dir(), "it is the other's now"


def test_a_line_that_was_cut_costs_itself_only(store: Store) -> None:
    store.note("started", "one")
    log = store.root / "log.jsonl"
    log.write_bytes(log.read_bytes() + b'{"time": 1, "event": "fini')
    store.note("started", "two")
    store.note("started", "three")
    log.write_bytes(log.read_bytes() + b'[]\n{"event": "without"}\n\xff\xfe\n')
    assert [event["step"] for event in store.events()] == ["one", "two", "three"]


def test_a_plan_that_was_changed_is_refused(store: Store) -> None:
    store.plan(STEP)
    path = store.root / "planned" / f"{STEP.id}.json"
    path.write_text(path.read_text().replace("a step", "another"))
    with pytest.raises(UserError, match="is damaged"):
        store.planned(STEP.id)


def test_a_failure_is_kept_until_the_step_is_tried_again(store: Store) -> None:
    store.log(STEP.id).parent.mkdir(parents=True)
    store.log(STEP.id).write_text("\n".join(f"line {number}" for number in range(20)))
    store.fail(STEP.id, "it rained")
    assert store.failure(STEP.id)["reason"] == "it rained"
    assert store.failed()[STEP.id]["log"][-1] == "line 19"
    store.plan(STEP)
    assert store.failed() == {}
