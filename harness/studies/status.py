"""Where a study stands, read from the disk while it runs, or after it was killed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from xharness.studies.graph import Graph, Step
from xharness.studies.store import Store
from xharness.tasks.common.json_types import Json


@dataclass(frozen=True)
class StudyStanding:
    """Steps by where they stand; each is in one of them.

    Attributes:
        failed: Why, and the last lines of the log.
        seconds_left: Of one process, as the finished steps of the same kind took; None if none is finished.
    """

    graph: Graph
    done: Sequence[Step]
    running: Mapping[str, str]
    failed: Mapping[str, Mapping[str, Any]]
    blocked: Sequence[Step]
    waiting: Sequence[Step]
    seconds_left: float | None

    def record(self) -> dict[str, Json]:
        """As JSON."""
        return {
            "steps": len(self.graph),
            "done": [step.title for step in self.done],
            "running": {self.graph.steps[name].title: who for name, who in self.running.items()},
            "failed": {self.graph.steps[name].title: dict(found) for name, found in self.failed.items()},
            "blocked": [step.title for step in self.blocked],
            "waiting": [step.title for step in self.waiting],
            "seconds_left": self.seconds_left,
        }


def standing(graph: Graph, store: Store) -> StudyStanding:
    """Look at the store. Takes a look at each of its folders, not at each step."""
    done, working, failed = store.done(), store.working(), store.failed()
    broken = {name: failed[name] for name in graph.steps if name in failed and name not in done and name not in working}
    blocked = {child for name in broken for child in graph.descendants(name)} - done
    running = {name: working[name] for name in graph.steps if name in working and name not in done}
    known = done | running.keys() | broken.keys() | blocked
    rest = [step for step in graph if step.id not in known]
    return StudyStanding(
        graph=graph,
        done=[step for step in graph if step.id in done],
        running=running,
        failed=broken,
        blocked=[step for step in graph if step.id in blocked and step.id not in running],
        waiting=rest,
        seconds_left=_left(graph, store, [*rest, *(graph.steps[name] for name in running)]),
    )


def _left(graph: Graph, store: Store, steps: Sequence[Step]) -> float | None:
    """Seconds of the steps that are not done, as those of their kind took."""
    took: dict[str, list[float]] = {}
    for event in store.events():
        if event["event"] == "finished" and event["step"] in graph.steps:
            took.setdefault(graph.steps[event["step"]].kind, []).append(float(event["seconds"]))
    if not took:
        return None
    average = fmean(second for seconds in took.values() for second in seconds)
    usual = {kind: fmean(seconds) for kind, seconds in took.items()}
    return sum(usual.get(step.kind, average) for step in steps)
