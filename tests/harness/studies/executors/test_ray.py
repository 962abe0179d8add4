"""Steps on a real Ray cluster of two nodes of this machine: what is killed in the middle changes no byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from xharness.studies.graph import Graph
from xharness.studies.store import Store

pytest.importorskip("ray", reason="the package ray is not installed: make test-ray")

from tests.harness.studies.executors.ray_nodes import TOKEN, Nodes, cluster

SLOW = "0.5"
"""Seconds of a tick, so that there is a middle to be killed in."""


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """For tests that leave every node alive."""
    with cluster() as found:
        yield found


def on(nodes: Nodes, **more: object) -> str:
    """The executor's options."""
    return json.dumps({"address": nodes.address, "jobs": None, **more})


def assert_gone_on(store: Store, step_id: str) -> None:
    """A step was started twice, the second time from what it had saved."""
    assert started_and_finished(store)[0][step_id] == 2
    first, second = [line for line in store.log(step_id).read_text().splitlines() if "from tick" in line]
    assert "from tick 0," in first
    assert "from tick 0," not in second


def test_nobody_at_an_address(tmp_path: Path) -> None:
    said = finished(driven(tmp_path, "0", "ray", json.dumps({"address": "127.0.0.1:1"})), code=1)
    assert "error: no Ray cluster at 127.0.0.1:1\n  why: nobody answers there" in said
    said = finished(driven(tmp_path, "0", "ray", json.dumps({"address": "there"})), code=1)
    assert "error: cannot read --address there" in said


def test_a_cluster_that_is_started_here(graph: Graph, undisturbed: bytes, tmp_path: Path) -> None:
    driver = driven(tmp_path, "0", "ray")
    said, _ = driver.communicate(timeout=1200)
    if "cannot start a Ray cluster on this machine\n  why: The current node timed out" in said:
        pytest.skip("this machine is too busy: Ray gives itself half a minute to start")
    assert driver.returncode == 0, said
    assert table(graph, Store(tmp_path)) == undisturbed
    assert_whole(graph, Store(tmp_path))


def test_what_no_node_has_is_refused_at_once(nodes: Nodes, tmp_path: Path) -> None:
    said = finished(driven(tmp_path, "0", "ray", on(nodes, gpus=3), **TOKEN), code=1)
    assert "error: no node of the Ray cluster has 1 CPUs and 3 GPUs for a step" in said
    assert "Traceback" not in said


def test_a_killed_driver_ends_its_steps_and_is_followed_by_another(
    nodes: Nodes, graph: Graph, undisturbed: bytes, tmp_path: Path
) -> None:
    store, a = Store(tmp_path), named(graph, "a")
    driver = driven(store.root, SLOW, "ray", on(nodes), **TOKEN)
    wait_for(lambda: ticks(store, a) >= 3)
    driver.kill()
    driver.communicate(timeout=60)
    wait_for(lambda: not store.working())
    assert not store.is_done(a), "a cluster does nothing for a driver that is gone"
    finished(driven(store.root, "0", "ray", on(nodes), **TOKEN))
    assert table(graph, store) == undisturbed
    assert_whole(graph, store)
    assert_gone_on(store, a)


def test_a_node_is_killed_then_the_head(graph: Graph, undisturbed: bytes, tmp_path: Path) -> None:
    """One test, as it uses a cluster up."""
    with cluster() as nodes:
        store, a = Store(tmp_path / "store"), named(graph, "a")
        driver = driven(store.root, SLOW, "ray", on(nodes), **TOKEN)
        wait_for(lambda: ticks(store, a) >= 3)
        nodes.of(worker_of(store, a)).kill()
        finished(driver)
        assert table(graph, store) == undisturbed
        assert_whole(graph, store)
        assert_gone_on(store, a)

        again = Store(tmp_path / "again")
        driver = driven(again.root, SLOW, "ray", on(nodes), **TOKEN)
        wait_for(lambda: ticks(again, a) >= 3)
        nodes.head.kill()
        said = finished(driver, code=1)
    assert "is gone\n  why: it does not answer any more" in said
    assert "run the same command: it continues" in said
    assert "Traceback" not in said
    wait_for(lambda: not again.working())
    finished(driven(again.root, "0", "local"))
    assert table(graph, again) == undisturbed
    assert_whole(graph, again)
