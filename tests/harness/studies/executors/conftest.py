"""What every executor has to end in."""

from __future__ import annotations

import json

import pytest

from tests.harness.studies.made_study import assert_whole, driven, finished, made_graph, table
from xharness.studies.graph import Graph
from xharness.studies.store import Store


@pytest.fixture(scope="module")
def graph() -> Graph:
    return made_graph()


@pytest.fixture(scope="module")
def undisturbed(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table of a run by one process at a time."""
    root = tmp_path_factory.mktemp("undisturbed") / "store"
    assert "blocked: []" in finished(driven(root, "0", "local", json.dumps({"jobs": 1})))
    assert_whole(graph, Store(root))
    return table(graph, Store(root))
