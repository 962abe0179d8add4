"""Where a study stands, read from the disk while it runs, or after it was killed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xharness.studies.graph import Graph, Step
from xharness.studies.store import Store
from xharness.studies.time_left import Pace, times
from xharness.tasks.common.json_types import Json


@dataclass(frozen=True)
class StudyStanding:
    """Steps by where they stand; each is in one of them.

    Attributes:
        failed: Why, and the last lines of the log.
        seconds_left: Of one process, by :mod:`xharness.studies.time_left`; None if no step is finished.
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


def standing(graph: Graph, store: Store, operations: Mapping[str, float] | None = None) -> StudyStanding:
    """Look at the store. Takes a look at each of its folders, not at each step.

    Args:
        operations: Of each step, by the budget.
    """
    done, working, failed = store.done(), store.working(), store.failed()
    broken = {name: failed[name] for name in graph.steps if name in failed and name not in done and name not in working}
    blocked = {child for name in broken for child in graph.descendants(name)} - done
    running = {name: working[name] for name in graph.steps if name in working and name not in done}
    known = done | running.keys() | broken.keys() | blocked
    rest = [step for step in graph if step.id not in known]
    seconds, started = times(graph, store)
    now = time.time()
    return StudyStanding(
        graph=graph,
        done=[step for step in graph if step.id in done],
        running=running,
        failed=broken,
        blocked=[step for step in graph if step.id in blocked and step.id not in running],
        waiting=rest,
        seconds_left=Pace(graph, seconds, operations or {}).left(
            [step.id for step in rest], {name: now - started.get(name, now) for name in running}
        ),
    )
