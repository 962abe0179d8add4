"""Steps on a real Ray cluster of two nodes, one of which is killed in the middle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.studies.made_study import (
    assert_whole,
    driven,
    finished,
    made_graph,
    named,
    started_and_finished,
    table,
    ticks,
    wait_for,
    worker_of,
)
from xharness.studies.store import Store

pytest.importorskip("ray", reason="the package ray is not installed: pip install 'xharness[ray]'")

from tests.harness.studies.executors.ray_nodes import TOKEN, Nodes, cluster


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with cluster() as found:
        yield found


def on(nodes: Nodes, **more: object) -> str:
    """The executor's options."""
    return json.dumps({"address": nodes.address, "jobs": None, **more})


def test_what_no_node_has_is_refused_at_once(nodes: Nodes, tmp_path: Path) -> None:
    said = finished(driven(tmp_path, "0", "ray", on(nodes, gpus=3), **TOKEN), code=1)
    assert "error: no node of the Ray cluster has 1 CPUs and 3 GPUs for a step" in said
    assert "Traceback" not in said


def test_a_node_is_killed_then_the_head(nodes: Nodes, tmp_path: Path) -> None:
    """One test, as the cluster is used up by it."""
    plain = Store(tmp_path / "plain")
    finished(driven(plain.root, "0", "local"))

    graph, store = made_graph(), Store(tmp_path / "store")
    a = named(graph, "a")
    driver = driven(store.root, "0.5", "ray", on(nodes), **TOKEN)
    wait_for(lambda: ticks(store, a) >= 3)
    worker = worker_of(store, a)
    (victim,) = [node for node in nodes.workers if node.runs_below(worker)]
    victim.kill()
    finished(driver)
    assert table(graph, store) == table(graph, plain)
    assert_whole(graph, store)
    assert started_and_finished(store)[0][a] == 2
    first, second = [line for line in store.log(a).read_text().splitlines() if "from tick" in line]
    assert "from tick 0," in first
    assert "from tick 0," not in second

    again = Store(tmp_path / "again")
    driver = driven(again.root, "0.5", "ray", on(nodes), **TOKEN)
    wait_for(lambda: ticks(again, a) >= 3)
    nodes.head.kill()
    said = finished(driver, code=1)
    assert "is gone\n  why: it does not answer any more" in said
    assert "run the same command: it continues" in said
    assert "Traceback" not in said


def test_nobody_at_an_address(tmp_path: Path) -> None:
    said = finished(driven(tmp_path, "0", "ray", json.dumps({"address": "127.0.0.1:1"})), code=1)
    assert "error: no Ray cluster at 127.0.0.1:1\n  why: nobody answers there" in said
    said = finished(driven(tmp_path, "0", "ray", json.dumps({"address": "there"})), code=1)
    assert "error: cannot read --address there" in said
