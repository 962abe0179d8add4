"""Which tasks of a benchmark are targets, as the tasks themselves and the data at hand say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.intermediate.data import find_files
from xharness.tasks.registry import Benchmark, Registry


def own_targets(registry: Registry) -> dict[str, str]:
    """By the task whose English data they train on: the first of the scored tasks that one model answers."""
    first: dict[str, str] = {}
    for task in (task for task in registry.tasks.values() if task.recipe is not None):
        first.setdefault(registry.trainable(task.name).name, task.name)
    return first


def targets_of(benchmark: Benchmark, registry: Registry) -> list[str]:
    """The targets of a benchmark, in its order."""
    own = set(own_targets(registry).values())
    return [name for name in benchmark.languages if name in own]


def left_to_encoder(targets: Sequence[str], registry: Registry, data: Path) -> list[str]:
    """Those without training data that an encoder answers all the same, by the similarity of vectors."""
    return [name for name in targets if registry.task(name).type.retrieves and not _trains(name, registry, data)]


def _trains(name: str, registry: Registry, data: Path) -> bool:
    try:
        return bool(find_files(registry.trainable(name), data, "train"))
    except UserError:
        return False


def check_target(name: str, registry: Registry) -> None:
    """Refuse a name that is not a target, or one that another target's model answers.

    Raises:
        UserError: with the target to name instead, or a suggestion.
    """
    own = own_targets(registry)
    if name in own.values():
        return
    if name in registry.tasks and registry.tasks[name].recipe is not None:
        trained = registry.trainable(name)
        other = registry.task(own[trained.name])
        why = f"{name} is answered by the model of {other.name}: both train on {trained.title}"
        raise UserError(f"{name} is not a target of its own", why, f"name {other.name}")
    why = "targets are tasks that are scored, and that have a recipe"
    raise UserError(f"unknown target '{name}'", why, suggestion(name, own.values()))
