"""What a study will cost, before a user commits to it: steps, tokens, hours, disk. Estimates, and named so.

Hours follow from what :mod:`xharness.studies.costs` counts and from how fast this machine's device multiplies matrices,
of which training reaches about a third, and moves memory; and every step is a process that has to start.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xharness.compute.device import resolve
from xharness.studies.costs import Cost, Counter
from xharness.studies.planning import PlannedStudy
from xharness.studies.steps import train
from xharness.studies.store import Store
from xharness.tables.table import Column, Table, TableCell, TableRow, words
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.json_types import Json

if TYPE_CHECKING:
    import torch

REACHED = 0.33
"""Share of the speed of matrix products that training and answering reach, about."""

START = 12.0
"""Seconds of a step beside its arithmetic: a process that loads libraries, tokenizer and weights, and writes."""


@dataclass(frozen=True)
class DeviceSpeed:
    """How fast a device is.

    Attributes:
        operations, bytes: A second, reached in practice.
        start: Seconds of every step beside these.
    """

    operations: float
    bytes: float = math.inf
    start: float = 0.0

    def seconds(self, cost: Cost) -> float:
        """Of a step."""
        return cost.operations / self.operations + cost.moved / self.bytes + self.start


@dataclass(frozen=True)
class Budget:
    """Of a whole study.

    Attributes:
        costs: By step.
        done: Steps that are whole already.
    """

    planned: PlannedStudy
    costs: Mapping[str, Cost]
    speed: DeviceSpeed
    done: frozenset[str]
    notes: tuple[str, ...] = ()

    def hours(self, steps: Iterable[str]) -> float:
        """Of one device."""
        return sum(self.speed.seconds(self.costs[name]) for name in steps) / 3600

    def record(self) -> dict[str, Json]:
        """As JSON: the graph and what it costs."""
        left = [step.id for step in self.planned.graph if step.id not in self.done]
        return {
            "size": self.planned.chosen.name,
            "steps": len(self.planned.graph),
            "done": len(self.done),
            "evaluations": len(self.planned.evaluated),
            "kinds": dict(self._by_kind()),
            "hours": round(self.hours(self.costs), 3),
            "hours_left": round(self.hours(left), 3),
            "operations_per_second": round(self.speed.operations),
            "gigabytes": round(sum(cost.bytes for cost in self.costs.values()) / 1e9, 3),
            "notes": list(self.notes),
            "graph": [{**step.record(), "done": step.id in self.done} for step in self.planned.graph],
        }

    def table(self, title: str) -> Table:
        """A row a kind of step, and the sum."""
        kinds = self._by_kind()
        rows = [TableRow([words(kind), *_numbers(numbers)]) for kind, numbers in kinds.items()]
        sums = {name: sum(each[name] for each in kinds.values()) for name in next(iter(kinds.values()))}
        names = ("steps", "done", "updates", "M tokens", "hours", "left", "GB")
        columns = [Column("kind"), *(Column(name, numeric=True) for name in names)]
        return Table("budget", title, columns, [*rows, TableRow([words("all"), *_numbers(sums)], strong=True)])

    def _by_kind(self) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for kind in dict.fromkeys(step.kind for step in self.planned.graph):
            steps = [step.id for step in self.planned.graph if step.kind == kind]
            costs = [self.costs[name] for name in steps]
            found[kind] = {
                "steps": len(steps),
                "done": len(self.done & set(steps)),
                "optimizer_steps": sum(cost.optimizer_steps for cost in costs),
                "million_tokens": round(sum(cost.tokens for cost in costs) / 1e6, 3),
                "hours": round(self.hours(steps), 3),
                "hours_left": round(self.hours(set(steps) - self.done), 3),
                "gigabytes": round(sum(cost.bytes for cost in costs) / 1e9, 3),
            }
        return found


def budget_of(
    planned: PlannedStudy, tera_operations: float | None = None, counts: Mapping[str, int] | None = None
) -> Budget:
    """The budget of a planned study. Reads its training and evaluation data.

    Args:
        tera_operations: 10^12 operations a second that one device reaches; measured on this one if None.
        counts: By task the number of training examples to reckon with, where those at hand are only some of them.

    Raises:
        UserError: data that cannot be read, or a speed that no device has.
    """
    if tera_operations is not None and not 0 < tera_operations < math.inf:
        raise UserError(f"--speed is {tera_operations:g}", "it is a device's speed", "give a number above 0")
    counter = Counter(planned, counts or {})
    trained = {name for step in planned.graph if step.kind == train.KIND for name in train.tasks_of(step)}
    for name in counter.counts:
        if name not in trained:
            raise UserError(f"--count {name}", "the study does not train on it", suggestion(name, trained))
    costs = {step.id: counter.cost(step) for step in planned.graph}
    here = f"at {REACHED:.0%} of the speed of matrix products here, updates and starts added"
    how = here if tera_operations is None else f"at {tera_operations:g} · 10^12 operations a second, as you say"
    speed = DeviceSpeed(tera_operations * 1e12) if tera_operations else _measured(planned)
    store = Store(planned.options.store_folder)
    done = frozenset(store.done() & planned.graph.steps.keys())
    notes = [f"hours are estimates of one device (of a processor, one thread), {how}"]
    if counter.counts:
        reckoned = ", ".join(f"{name} {number:,}" for name, number in counter.counts.items())
        notes.append(f"reckoned with so many training examples, where a phase does not take fewer: {reckoned}")
    return Budget(planned, costs, speed, done, tuple(notes))


def operations_of(planned: PlannedStudy) -> dict[str, float]:
    """Of each step; empty where that cannot be said, as for data that a step will find fault with."""
    with suppress(UserError):
        return {name: cost.operations for name, cost in budget_of(planned, 1.0).costs.items()}
    return {}


def _measured(planned: PlannedStudy) -> DeviceSpeed:
    """Of the study's device, by a product of matrices and a pass over 128 MB; of a processor, of one thread."""
    import torch

    device = resolve(planned.options.device, planned.options.precision)
    left = torch.ones(512, 1024, device=device.name, dtype=device.dtype)
    block = torch.ones(32 * 2**20, device=device.name)
    with one_thread():
        products = 2 * 2 * 512 * 512 * 1024 / _seconds(lambda: left @ left.T @ left)
        return DeviceSpeed(REACHED * products, 2 * 4 * block.numel() / _seconds(lambda: block.add_(1.0)), START)


@contextmanager
def one_thread() -> Iterator[None]:
    """As ``--threads 1`` has steps run; several would wait for each other where others use the machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _seconds(call: Callable[[], torch.Tensor]) -> float:
    """Of one call: the quickest of ten, because others may use the machine."""
    taken = []
    for _ in range(10):
        started = time.perf_counter()
        float(call().flatten()[0])  # waits for the device
        taken.append(time.perf_counter() - started)
    return min(taken)


def _numbers(numbers: Mapping[str, float]) -> list[TableCell]:
    small = (bool(value % 1) and value < 100 for value in numbers.values())
    return [TableCell(f"{v:.3g}" if few else f"{v:,.0f}", v) for v, few in zip(numbers.values(), small, strict=True)]
