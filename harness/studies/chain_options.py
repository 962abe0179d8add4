"""What a user can say about a chain of phases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from xharness.compute import device
from xharness.studies.targets import check_target, left_to_encoder, targets_of
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.outputs import check_folder
from xharness.tasks.registry import XTREME, Benchmark, Registry, benchmark
from xharness.train.launching import launched
from xharness.train.mixture_options import MixtureOptions
from xharness.train.objectives import trains_dual_encoder
from xharness.train.options import FinetuneOptions
from xharness.train.recipes import REFERENCE
from xharness.train.specify import no_negatives


@dataclass(frozen=True)
class ChainOptions:
    """A chain: how to train, in ``train``, and what to evaluate on.

    Attributes:
        train: Model, data, recipe and device of every phase; its ``tasks`` are the intermediate ones, empty for none.
        named: Tasks of the last phase; empty for the targets of the benchmark.
        evaluation: Folder with the benchmark's data; training data may lie elsewhere.
        layer: Block for retrieval, on the checkpoint before the targets, as Phang et al. 2020 do.
        version: The benchmark: ``xtreme`` or ``xtreme-r``.
        jobs: Targets that are trained at the same time, each in a process with its share of the threads; on processors.
    """

    train: FinetuneOptions
    named: Sequence[str] = ()
    evaluation: Path = Path("data")
    layer: str = "reference"
    version: str = XTREME.name
    jobs: int = 1

    @property
    def benchmark(self) -> Benchmark:
        """The benchmark behind the version's name."""
        return benchmark(self.version)

    @cached_property
    def encoded(self) -> Sequence[str]:
        """Targets of the benchmark that have no training data at hand: the encoder before the targets answers them."""
        if self.named:
            return ()
        return left_to_encoder(targets_of(self.benchmark, self.registry), self.registry, self.train.data)

    @cached_property
    def targets(self) -> Sequence[str]:
        """Tasks of the last phase: those that are named, else those of the benchmark that can be trained."""
        return self.named or [name for name in targets_of(self.benchmark, self.registry) if name not in self.encoded]

    @property
    def of_intermediate(self) -> FinetuneOptions:
        """The phase of the intermediate tasks."""
        return self._with_own_negatives(self.train)

    @property
    def of_targets(self) -> dict[str, FinetuneOptions]:
        """The phase of each target: without what is said about the mixture of intermediate tasks."""
        alone = replace(
            self.train,
            mixture=MixtureOptions(grouped=self.train.mixture.grouped),
            task_weights={},
            translations={},
            mlm_ratio=None,
            mlm_alpha=None,
            mlm_langs=None,
        )
        return {target: self._with_own_negatives(replace(alone, tasks=(target,))) for target in self.targets}

    def _with_own_negatives(self, phase: FinetuneOptions) -> FinetuneOptions:
        """A phase without a number of negatives where it trains no dual encoder."""
        if phase.negatives is None or trains_dual_encoder(map(self.registry.trainable, phase.tasks)):
            return phase
        return replace(phase, negatives=None)

    @property
    def before_targets(self) -> dict[str, FinetuneOptions]:
        """By target: the phase that the reference trains before it (Social IQa, before XCOPA's COPA)."""
        if self.train.recipe != REFERENCE:
            return {}
        registry = self.registry
        recipes = {target: registry.task(target).recipe for target in self.targets}
        firsts = {target: recipe.after for target, recipe in recipes.items() if recipe and recipe.after}
        return {target: replace(self.of_targets[target], tasks=(first,)) for target, first in firsts.items()}

    @property
    def registry(self) -> Registry:
        """The tasks that are known."""
        return self.train.registry

    @property
    def further(self) -> list[Task]:
        """Targets that are neither the benchmark's nor the user's own: evaluated where they are named."""
        registry = self.registry
        common = {task.name for task in registry.select(None, self.benchmark)}
        return [registry.task(target) for target in self.targets if target not in common]

    @property
    def evaluated(self) -> list[Task]:
        """The benchmark's tasks and every added one, and the further targets."""
        return [*self.registry.select(None, self.benchmark), *self.further]

    def check(self) -> None:
        """Refuse wrong names before anything is read. Imports no torch.

        Raises:
            UserError: an unknown task, a target named twice, or one without a model of its own; negatives of nothing.
        """
        device.check_names(self.train.device, self.train.precision)
        self.train.check_trackers()
        self._check_jobs()
        registry = self.registry
        for name in self.train.tasks:
            registry.trainable(name)
        check_folder(self.train.out)
        for name in self.targets:
            check_target(name, registry)
            if list(self.targets).count(name) > 1:
                raise UserError(f"target '{name}' is named twice", "every target is trained once", "name it once")
        phases, number = [self.of_intermediate, *self.of_targets.values()], self.train.negatives
        if number is not None and all(phase.negatives is None for phase in phases):
            raise no_negatives(number, [*self.train.tasks, *self.targets])

    def _check_jobs(self) -> None:
        """Refuse a number of jobs that is none, and jobs that would share a card."""
        if self.jobs < 1:
            raise UserError(f"--jobs {self.jobs}", "it is a number of targets", "give 1 or more")
        if self.jobs > 1 and launched() > 1:
            why = "targets are trained side by side by one process, and it would be ignored"
            raise UserError(f"--jobs {self.jobs} of {launched()} processes", why, "leave it out, or start one process")
        if self.jobs > 1 and self.train.device != "cpu":
            raise UserError(
                f"--jobs {self.jobs} with --device {self.train.device}",
                "targets are trained side by side on processors; on a card they would share its memory",
                "add --device cpu, or leave --jobs out",
            )
