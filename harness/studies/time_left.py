"""How long a study takes still: what its steps cost by the budget, at the speed that finished ones had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from xharness.studies.graph import Graph
from xharness.studies.store import Store

ALL = ""
"""The name of all kinds together."""


@dataclass(frozen=True)
class Usual:
    """Seconds of a finished step, and of an operation of it; 0 where no budget says how many it had."""

    mean: float
    per_operation: float


@dataclass(frozen=True)
class Pace:
    """What finished steps tell of those that are not.

    Attributes:
        seconds: That each finished step took.
        operations: Of a step by the budget; a step without costs as much time as the mean of its kind.
    """

    graph: Graph
    seconds: Mapping[str, float]
    operations: Mapping[str, float]

    def left(self, waiting: Iterable[str], running: Mapping[str, float]) -> float | None:
        """Seconds of one process; None before the first step is finished.

        Args:
            running: For how many seconds each step that runs does. One that takes longer than was expected may end at
                any moment.
        """
        if not self.seconds:
            return None
        rest = (max(0.0, self._expected(name) - elapsed) for name, elapsed in running.items())
        return sum(map(self._expected, waiting)) + sum(rest)

    def _expected(self, step_id: str) -> float:
        """Seconds of a whole step: by steps of its kind, or by all where none of them is finished."""
        usual = self._usual.get(self.graph.steps[step_id].kind) or self._usual[ALL]
        operations = self.operations.get(step_id)
        return operations * usual.per_operation if operations and usual.per_operation else usual.mean

    @cached_property
    def _usual(self) -> Mapping[str, Usual]:
        """By kind, and of all."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in self.seconds:
            found[self.graph.steps[name].kind].append(name)
            found[ALL].append(name)
        return {kind: self._usual_of(names) for kind, names in found.items()}

    def _usual_of(self, names: Sequence[str]) -> Usual:
        known = [name for name in names if self.operations.get(name)]
        operations = sum(self.operations[name] for name in known)
        per_operation = sum(self.seconds[name] for name in known) / operations if known else 0.0
        return Usual(fmean(self.seconds[name] for name in names), per_operation)


def times(graph: Graph, store: Store) -> tuple[dict[str, float], dict[str, float]]:
    """By the store's log, the seconds that each finished step took, and when each was started last."""
    seconds: dict[str, float] = {}
    started: dict[str, float] = {}
    for event in store.events():
        for kind, name, found in (("finished", "seconds", seconds), ("started", "time", started)):
            number = event.get(name)
            if event["step"] in graph.steps and event["event"] == kind and isinstance(number, int | float):
                found[event["step"]] = float(number)
    return seconds, started
