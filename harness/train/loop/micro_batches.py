"""The micro-batches of an optimizer step: what it draws, by task, cut by length under a budget of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xharness.train.micro_batch_plan import plan_micro_batches
from xharness.train.mixture import Mixture
from xharness.train.objectives import Objective
from xharness.train.objectives.base import TrainingInstance
from xharness.train.parallel import ProcessGroup

Drawn = list[tuple[int, TrainingInstance]]  # instances with their places among those of the step


@dataclass(frozen=True)
class MicroBatch:
    """Instances of one task that are computed together.

    Attributes:
        places: Of each instance among those of the step.
        share: Factor on its summed loss, so that the losses of a step's micro-batches add up to the step's.
        padding: Whether the blocks of the encoder compute its padding, too.
    """

    task: str
    instances: list[TrainingInstance]
    places: list[int]
    share: float
    padding: bool = True

    @property
    def tokens(self) -> int:
        """Tokens, padding not counted."""
        return sum(len(row) for instance in self.instances for row in instance.rows)

    @property
    def computed(self) -> int:
        """Tokens that are computed: with padding, unless the blocks leave it out."""
        rows = [len(row) for instance in self.instances for row in instance.rows]
        return max(rows) * len(rows) if self.padding else sum(rows)


@dataclass
class MicroBatches:
    """How the steps of a training are drawn and cut.

    Attributes:
        task_weights: Factor on the loss of a task; 1 where not named.
        padding: Whether the blocks of the encoder compute padding.
        overhead: Cost of one more micro-batch in tokens.
        sharded: Whether all processes have to compute micro-batches of the same task at the same time.
        budget: Tokens that are computed in one, at most; halved when memory runs out.
    """

    mixture: Mixture
    objectives: Mapping[str, Objective]
    task_weights: Mapping[str, float]
    padding: bool
    overhead: int
    sharded: bool
    processes: ProcessGroup
    budget: int

    def of_step(self, number: int) -> list[MicroBatch]:
        """All micro-batches of step ``number``, the same in every process."""
        drawn = self.mixture.step(number)
        by_task: dict[str, Drawn] = {}
        for place, (task, index) in enumerate(drawn):
            by_task.setdefault(task, []).append((place, self.objectives[task].instance_at_step(index, number)))
        groups = list(_alike(by_task))
        lengths = [[instance.length for _, instance in group] for _, group in groups]
        budget = self.processes.budget(lengths, self.budget, self.padding)
        shares = {task: self._share(task, instances, len(drawn)) for task, instances in by_task.items()}
        return [
            self._made(task, [group[index] for index in planned], shares[task])
            for (task, group), sizes in zip(groups, lengths, strict=True)
            for planned in plan_micro_batches(sizes, budget, self.overhead, self.padding)
        ]

    def own(self, number: int) -> Iterator[tuple[int, MicroBatch, bool]]:
        """Those of step ``number`` that this process computes, with their place in the step and whether they count."""
        found = self.of_step(number)
        if self.sharded:
            dealt = self.processes.in_rounds([each.task for each in found])
        else:
            dealt = [(place, True) for place in self.processes.dealt([each.computed + self.overhead for each in found])]
        for place, counts in dealt:
            yield place, found[place], counts

    def _share(self, task: str, instances: Drawn, drawn: int) -> float:
        """Factor on the summed losses of a task, which weighs by its share of the examples of the step."""
        weight = sum(instance.weight for _, instance in instances)
        return len(instances) / drawn * self.task_weights.get(task, 1.0) / weight

    def _made(self, task: str, chosen: Drawn, share: float) -> MicroBatch:
        places, instances = zip(*chosen, strict=True)
        return MicroBatch(task, list(instances), list(places), share, self.padding)


def _alike(by_task: Mapping[str, Drawn]) -> Iterator[tuple[str, Drawn]]:
    """Instances of one task and one shape: those with choices have another."""
    for task, instances in by_task.items():
        for choices in (False, True):
            if alike := [(place, instance) for place, instance in instances if (len(instance.rows) > 1) is choices]:
                yield task, alike


def rows_of(instances: Sequence[TrainingInstance]) -> list[list[int]]:
    """Token ids of all rows of some instances."""
    return [row for instance in instances for row in instance.rows]
