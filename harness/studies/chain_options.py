"""What a user can say about a chain of phases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xharness.compute import device
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.outputs import check_folder
from xharness.tasks.registry import Registry
from xharness.train.mixture_options import MixtureOptions
from xharness.train.objectives import trains_dual_encoder
from xharness.train.options import FinetuneOptions
from xharness.train.recipes import REFERENCE
from xharness.train.specify import no_negatives

TARGETS = ("xnli", "pawsx", "udpos", "panx", "xquad", "tydiqa")


@dataclass(frozen=True)
class ChainOptions:
    """A chain: how to train, in ``train``, and what to evaluate on.

    Attributes:
        train: Model, data, recipe and device of every phase; its ``tasks`` are the intermediate ones, empty for none.
        targets: Tasks of the last phase.
        evaluation: Folder with XTREME's data; training data may lie elsewhere.
        layer: Block for retrieval, on the checkpoint before the targets, as Phang et al. 2020 do.
    """

    train: FinetuneOptions
    targets: Sequence[str] = TARGETS
    evaluation: Path = Path("data")
    layer: str = "reference"

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
        """Targets that are neither XTREME's nor the user's own, such as XCOPA: evaluated where they are named."""
        registry = self.registry
        common = {task.name for task in registry.select(None)}
        return [registry.task(target) for target in self.targets if target not in common]

    @property
    def evaluated(self) -> list[Task]:
        """XTREME's tasks and every added one, and the further targets."""
        return [*self.registry.select(None), *self.further]

    def check(self) -> None:
        """Refuse wrong names before anything is read. Imports no torch.

        Raises:
            UserError: an unknown task, a target named twice, or one without a model of its own; negatives of nothing.
        """
        device.check_names(self.train.device, self.train.precision)
        self.train.check_trackers()
        registry = self.registry
        for name in self.train.tasks:
            registry.trainable(name)
        check_folder(self.train.out)
        for name in self.targets:
            _check_target(name, registry)
            if list(self.targets).count(name) > 1:
                raise UserError(f"target '{name}' is named twice", "every target is trained once", "name it once")
        phases, number = [self.of_intermediate, *self.of_targets.values()], self.train.negatives
        if number is not None and all(phase.negatives is None for phase in phases):
            raise no_negatives(number, [*self.train.tasks, *self.targets])


def _check_target(name: str, registry: Registry) -> None:
    """Refuse a name that is not a target, or one that another target's model answers."""
    first: dict[str, str] = {}
    for task in (task for task in registry.tasks.values() if task.recipe is not None):
        first.setdefault(registry.trainable(task.name).name, task.name)
    if name in first.values():
        return
    if name in registry.tasks and registry.tasks[name].recipe is not None:
        trained = registry.trainable(name)
        other = registry.task(first[trained.name])
        why = f"{name} is answered by the model of {other.name}: both train on {trained.title}"
        raise UserError(f"{name} is not a target of its own", why, f"name {other.name}")
    why = "targets are tasks that are scored, and that have a recipe"
    raise UserError(f"unknown target '{name}'", why, suggestion(name, first.values()))
