"""What the shell offers for an option's value: names of tasks, languages and models."""

from __future__ import annotations

from collections.abc import Iterable


def task_names(incomplete: str) -> list[str]:
    """Tasks and groups, after the last comma."""
    from xharness.tasks.registry import Registry

    registry = Registry()
    return _last_of_list(incomplete, [*registry.tasks, *registry.groups()])


def languages(incomplete: str) -> list[str]:
    """Languages that a benchmark has, after the last comma."""
    from xharness.tasks.registry import Registry, languages_of

    tasks = Registry().select("all")
    return _last_of_list(incomplete, {language for task in tasks for language in languages_of(task)})


def trainable_names(incomplete: str) -> list[str]:
    """Tasks that a model can be trained on, after the last comma."""
    from xharness.tasks.registry import Registry

    return _last_of_list(incomplete, Registry().trainable_names)


def recipe_names(incomplete: str) -> list[str]:
    """The recipes that are there by name."""
    from xharness.train.recipes import RECIPES

    return [name for name in RECIPES if name.startswith(incomplete)]


def recipe_fields(incomplete: str) -> list[str]:
    """Fields of a recipe, up to the sign before their value."""
    from xharness.tasks.recipe import TYPES

    return [f"{name}=" for name in TYPES if name.startswith(incomplete)]


def trackers(incomplete: str) -> list[str]:
    """Experiment trackers, after the last comma."""
    from xharness.train.options import TRACKERS

    return _last_of_list(incomplete, TRACKERS)


def fetchable_names(incomplete: str) -> list[str]:
    """Tasks and groups that can be fetched, after the last comma."""
    from xharness.fetch.plan import all_parts, groups

    return _last_of_list(incomplete, [*groups(), *(part.task for part in all_parts().values())])


def model_ids(incomplete: str) -> list[str]:
    """Ids of the known models."""
    from xharness.models.families import FAMILIES

    return [family.id for family in FAMILIES if family.id.startswith(incomplete)]


def _last_of_list(incomplete: str, names: Iterable[str]) -> list[str]:
    """The whole value for each name that can end it: ``xnli,ta`` gives ``xnli,tatoeba``."""
    head, comma, last = incomplete.rpartition(",")
    return [f"{head}{comma}{name}" for name in sorted(set(names)) if name.startswith(last)]
