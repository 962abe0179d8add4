"""A graph of many steps, and a store in which most of them are done."""

from __future__ import annotations

from xharness.studies.graph import Graph, Step
from xharness.studies.store import MARK, OUTPUT, Store
from xharness.tasks.common.files import render_json
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.sealed import files_below, seal

WORK = {"options": dict.fromkeys(("model", "data", "recipe", "sets", "device", "where"), "a value of usual length")}


def graph_of(count: int) -> Graph:
    """Half of the steps train, each of the others evaluates one of those."""
    steps: list[Step] = []
    for number in range(count // 2):
        key = content_key({"train": number})
        trained = Step("train", key, f"training {number}", {}, {**WORK, "seed": number})
        evaluated = Step("evaluate", content_key({"evaluate": key}), f"evaluation {number}", {"model": trained.id}, {})
        steps += [trained, evaluated]
    return Graph.of(steps)


def publish_all(graph: Graph, store: Store, whole: bool = True) -> None:
    """Put nine of ten steps into the store; without ``whole`` no more than what tells that they are done."""
    for number, step in enumerate(graph):
        if number % 10:
            folder = store.root / "steps" / step.id
            (folder / OUTPUT).mkdir(parents=True)
            (folder / OUTPUT / "scores.json").write_text(step.key)
            record = seal({**step.record(), "files": files_below(folder / OUTPUT)}) if whole else {}
            (folder / MARK).write_text(render_json(record))
            if whole:
                store.note("started", step.id)
                store.note("finished", step.id, seconds=1.0)
