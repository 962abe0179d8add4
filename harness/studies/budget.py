"""What a study will cost, before a user commits to it: steps, tokens, hours, disk. Estimates, and named so.

Lengths are those of a few examples of each training set, tokenised by the study's own model. Operations are six times
the weights of the blocks for a token that is trained on and two times for one that is answered, in a test or in a check
on dev; hours follow from the speed of matrix products, of which training reaches about a third.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.compute.device import foreseen, resolve
from xharness.compute.loading import encoder_class, load_tokenizer, without_model
from xharness.studies.graph import Step
from xharness.studies.planning import PlannedStudy
from xharness.studies.steps import evaluate, subset, train
from xharness.studies.store import Store
from xharness.tables.table import Column, Table, TableCell, TableRow, words
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.files import FileHashes
from xharness.tasks.common.json_types import Json
from xharness.tasks.data import DataFolder
from xharness.tasks.recipe import Recipe
from xharness.tasks.registry import open_registry
from xharness.train.options import FinetuneOptions
from xharness.train.specify import specify

if TYPE_CHECKING:
    from xharness.compute.loading import Loaded

SAMPLE = 64
"""Examples whose lengths are taken."""

REACHED = 0.33
"""Share of the speed of matrix products that training and answering reach, about."""

FORWARD, TRAINING = 2, 6
"""Operations a weight and token."""

UNTRAINED_LENGTH = 40
"""Tokens of a text that no training set tells the length of."""


@dataclass(frozen=True)
class Cost:
    """Of one step.

    Attributes:
        tokens: Trained on, or answered by an evaluation; those of dev are in ``operations`` alone.
    """

    tokens: float = 0.0
    operations: float = 0.0
    optimizer_steps: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Budget:
    """Of a whole study.

    Attributes:
        costs: By step.
        speed: Operations a second of one device, reached in practice.
        done: Steps that are whole already.
    """

    planned: PlannedStudy
    costs: Mapping[str, Cost]
    speed: float
    done: frozenset[str]
    notes: tuple[str, ...] = ()

    def hours(self, steps: Iterable[str]) -> float:
        """Of one device."""
        return sum(self.costs[name].operations for name in steps) / self.speed / 3600

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
            "operations_per_second": round(self.speed),
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
    if tera_operations is not None and not tera_operations > 0:
        raise UserError(f"--speed is {tera_operations:g}", "it is a device's speed", "give a number above 0")
    counter = _Counter(planned, counts or {})
    trained = {name for step in planned.graph if step.kind == train.KIND for name in train.tasks_of(step)}
    for name in counter.counts:
        if name not in trained:
            raise UserError(f"--count {name}", "the study does not train on it", suggestion(name, trained))
    costs = {step.id: counter.cost(step) for step in planned.graph}
    here = f"at {REACHED:.0%} of the speed of matrix products measured on this machine's device"
    how = here if tera_operations is None else f"at {tera_operations:g} · 10^12 operations a second, as you say"
    speed = tera_operations * 1e12 if tera_operations else REACHED * _product_speed(planned)
    store = Store(planned.options.store_folder)
    done = frozenset(store.done() & planned.graph.steps.keys())
    notes = [f"hours are estimates of one device, {how}"]
    if counter.counts:
        reckoned = ", ".join(f"{name} {number:,}" for name, number in counter.counts.items())
        notes.append(f"reckoned with so many training examples: {reckoned}")
    return Budget(planned, costs, speed, done, tuple(notes))


def operations_of(planned: PlannedStudy) -> dict[str, float]:
    """Of each step; empty where that cannot be said, as for data that a step will find fault with."""
    with suppress(UserError):
        return {name: cost.operations for name, cost in budget_of(planned, 1.0).costs.items()}
    return {}


@dataclass(frozen=True)
class _Size:
    """Of a member of a phase: its instances, their mean length, and the tokens of one check on dev."""

    instances: int
    length: float
    dev_tokens: float


@dataclass
class _Counter:
    """Counts what steps cost; what several of them read is read once."""

    planned: PlannedStudy
    counts: Mapping[str, int]
    _sizes: dict[tuple[object, ...], _Size] = field(default_factory=dict)
    _evaluated: dict[tuple[str, str], int] = field(default_factory=dict)
    _lengths: dict[str, float] = field(default_factory=dict)
    _instances: dict[str, int] = field(default_factory=dict)
    _hashes: FileHashes = field(default_factory=FileHashes)

    def cost(self, step: Step) -> Cost:
        """Of one step."""
        if step.kind == train.KIND:
            return self._of_training(step)
        return self._of_evaluation(step) if step.kind == evaluate.KIND else Cost()

    @cached_property
    def _start(self) -> Checkpoint:
        return find(self.planned.options.model)[""]

    @cached_property
    def _weights(self) -> float:
        """Of the blocks: those of the embeddings are looked up."""
        config = self._start.config
        width = int(config.get("hidden_size", 0))
        return self._start.blocks * (4.0 * width**2 + 2.0 * width * int(config.get("intermediate_size", 4 * width)))

    @cached_property
    def _loaded(self) -> Loaded:
        device = resolve("cpu", "auto")
        return without_model(self._start, load_tokenizer(self._start), encoder_class(self._start), device)

    def _of_training(self, step: Step) -> Cost:
        work: Any = step.work
        options = train.options_of(work["options"])
        phase = specify(
            options,
            parent_key=work["parent_key"],
            hashes=self._hashes,
            device=foreseen(options.device, options.precision),
        )
        sizes = [self._size(name, options, recipe, phase.tasks.get(name)) for name, recipe in phase.recipes.items()]
        instances, tokens = sum(size.instances for size in sizes), sum(size.instances * size.length for size in sizes)
        self._lengths[step.id] = sizes[-1].length
        if chosen := step.parents.get(train.SUBSET):
            number = self._chosen(self.planned.graph.steps[chosen])
            instances, tokens = number, number * tokens / max(1, instances)
        self._instances[step.id] = instances
        steps = phase.recipe.total_steps(max(1, instances))
        seen = steps * phase.recipe.batch_size * tokens / max(1, instances)
        passes = 1 + phase.recipe.adversarial_steps * bool(phase.recipe.adversarial_epsilon)
        checked = phase.recipe.dev_checks(instances, steps) * sum(size.dev_tokens for size in sizes)
        operations = self._weights * (TRAINING * seen * passes + FORWARD * checked)
        written = sum(file.stat().st_size for file in self._start.weights) * len(phase.members)
        return Cost(seen, operations, steps, written)

    def _chosen(self, step: Step) -> int:
        """Instances of a subset: a share of those that were mapped, or as many as the subset it is a twin of has."""
        if of := step.parents.get(subset.OF):
            return self._chosen(self.planned.graph.steps[of])
        work: Any = step.work
        return int(work["share"] * self._instances[step.parents[subset.MAP]])

    def _size(self, name: str, options: FinetuneOptions, recipe: Recipe, task: Any) -> _Size:
        """Of a member of a phase."""
        from xharness.train.data import objective, read, read_text

        read_by = (options.data, options.examples, options.where, tuple(options.translations))
        known = (name, *read_by, recipe.max_length, recipe.selection)
        if known not in self._sizes:
            data = read(name, options, recipe, task) if task else read_text(options)[name]
            some = data.train[:: max(1, len(data.train) // SAMPLE)][:SAMPLE]
            made = objective(name, replace(data, train=some, dev={}), self._loaded, recipe, None)
            lengths = [instance.length for instance in made.instances]
            number = len(data.train) if options.examples else self.counts.get(name, len(data.train))
            dev = sum(len(each.examples) for each in data.dev.values())
            self._sizes[known] = _Size(
                round(number * len(lengths) / len(some)), float(np.mean(lengths)), dev * sum(lengths) / len(some)
            )
        return self._sizes[known]

    def _of_evaluation(self, step: Step) -> Cost:
        work: Any = step.work
        length = self._lengths.get(step.parents.get(train.MODEL, ""), UNTRAINED_LENGTH)
        examples = sum(self._examples(name, work) for name in work["tasks"].split(","))
        return Cost(examples * length, FORWARD * self._weights * examples * length)

    def _examples(self, name: str, work: Any) -> int:
        """Examples that are evaluated of a task, over its languages."""
        data = DataFolder.open(self.planned.options.data, names=[name])
        task = open_registry(self.planned.options.tasks_from).task(name)
        wanted = work["languages"].split(",") if work["languages"] else None
        total = 0
        for language in data.languages(task):
            if wanted is None or language in wanted:
                if (name, language) not in self._evaluated:
                    self._evaluated[name, language] = len(data.load(task, language).examples)
                number = self._evaluated[name, language]
                total += min(number, work["limit"]) if work["limit"] else number
        return total


def _product_speed(planned: PlannedStudy) -> float:
    """Operations a second of a product of matrices on the study's device."""
    import torch

    device = resolve(planned.options.device, planned.options.precision)
    left = torch.ones(512, 1024, device=device.name, dtype=device.dtype)
    for count in (1, 8):  # the first one warms up
        started = time.perf_counter()
        for _ in range(count):
            product = left @ left.T @ left
        float(product[0, 0])  # waits for the device
        spent = time.perf_counter() - started
    return 8 * 2 * 2 * 512 * 512 * 1024 / spent


def _numbers(numbers: Mapping[str, float]) -> list[TableCell]:
    small = (bool(value % 1) and value < 100 for value in numbers.values())
    return [TableCell(f"{v:.3g}" if few else f"{v:,.0f}", v) for v, few in zip(numbers.values(), small, strict=True)]
