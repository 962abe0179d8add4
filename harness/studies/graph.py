"""Steps of a study and what each needs, as one value that is known before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from xharness.tasks.common.json_types import Json, JsonObject

ID_DIGITS = 16


@dataclass(frozen=True)
class Step:
    """A unit of work: its result is a folder in the store.

    Attributes:
        kind: Which module of :mod:`xharness.studies.steps` does it.
        key: Hash of everything that can change the result.
        title: For people; two studies may call the same step by other names.
        parents: Identifiers of the steps whose results it reads, by the role that they have.
        work: What the module needs to know to do it: plain values and paths.
    """

    kind: str
    key: str
    title: str
    parents: Mapping[str, str] = field(default_factory=dict)
    work: JsonObject = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The name of its files."""
        return f"{self.kind}-{self.key[:ID_DIGITS]}"

    def record(self) -> dict[str, Json]:
        """As JSON."""
        return {
            "kind": self.kind,
            "key": self.key,
            "title": self.title,
            "parents": dict(self.parents),
            "work": self.work,
        }


@dataclass(frozen=True)
class Graph:
    """Steps by identifier, parents before children."""

    steps: Mapping[str, Step]

    @classmethod
    def of(cls, steps: Iterable[Step]) -> Graph:
        """The graph of steps that may come more than once and in any order."""
        by_id = {step.id: step for step in steps}
        ordered: dict[str, Step] = {}
        for step in by_id.values():
            _add(step, by_id, ordered)
        return cls(ordered)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps.values())

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def children(self) -> Mapping[str, list[str]]:
        """Identifiers of the steps that read a step's result."""
        found: dict[str, list[str]] = {name: [] for name in self.steps}
        for step in self:
            for parent in step.parents.values():
                found[parent].append(step.id)
        return found

    def chains(self, costs: Mapping[str, float]) -> dict[str, float]:
        """Of each step the dearest chain of steps that begins with it.

        Args:
            costs: By step; without any, chains are as dear as they are long.
        """
        found: dict[str, float] = {}
        for name in reversed(list(self.steps)):
            below = max((found[child] for child in self.children[name]), default=0.0)
            found[name] = below + (costs.get(name, 0.0) if costs else 1.0)
        return found

    def descendants(self, step_id: str) -> set[str]:
        """Everything that cannot be done without a step."""
        found: set[str] = set()
        todo = list(self.children[step_id])
        while todo:
            child = todo.pop()
            if child not in found:
                found.add(child)
                todo += self.children[child]
        return found


def _add(step: Step, by_id: Mapping[str, Step], ordered: dict[str, Step]) -> None:
    """Add a step after its parents. A key is made from the keys of the parents, so there is no circle."""
    todo = [step]
    while todo:
        current = todo[-1]
        missing = [by_id[name] for name in current.parents.values() if name not in ordered]
        if missing:
            todo += missing
        else:
            todo.pop()
            ordered[current.id] = current
