"""Steps in order, and what is started first."""

from __future__ import annotations

from xharness.studies.driver import Progress
from xharness.studies.graph import Graph, Step

ALONE = Step("train", "a" * 64, "alone")
FIRST = Step("train", "b" * 64, "first of a chain")
SECOND = Step("train", "c" * 64, "second of a chain", {"from": FIRST.id})
TESTED = Step("evaluate", "d" * 64, "tested", {"model": SECOND.id})
GRAPH = Graph.of([TESTED, ALONE, SECOND, FIRST])
COSTS = {ALONE.id: 9.0, FIRST.id: 2.0, SECOND.id: 3.0, TESTED.id: 1.0}


def test_parents_come_before_children() -> None:
    assert list(GRAPH.steps) == [FIRST.id, SECOND.id, TESTED.id, ALONE.id]
    assert GRAPH.children[FIRST.id] == [SECOND.id]
    assert GRAPH.descendants(FIRST.id) == {SECOND.id, TESTED.id}


def test_chains_are_as_dear_as_their_steps() -> None:
    assert GRAPH.chains({}) == {ALONE.id: 1.0, FIRST.id: 3.0, SECOND.id: 2.0, TESTED.id: 1.0}
    assert GRAPH.chains(COSTS) == {ALONE.id: 9.0, FIRST.id: 6.0, SECOND.id: 4.0, TESTED.id: 1.0}


def test_the_dearest_chain_is_started_first() -> None:
    assert Progress(Graph.of([ALONE, TESTED, SECOND, FIRST])).ready() == [FIRST.id, ALONE.id]
    assert Progress(GRAPH, operations=COSTS).ready() == [ALONE.id, FIRST.id]
    assert Progress(GRAPH, done={FIRST.id}, operations=COSTS).ready() == [ALONE.id, SECOND.id]
    assert Progress(GRAPH, done={FIRST.id}, failed={ALONE.id: "no room"}).ready() == [SECOND.id]
