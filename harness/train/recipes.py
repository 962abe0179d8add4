"""Recipes of fine-tuning: where the numbers of one phase come from, and who wins over whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.recipe import OF_PAIRS, Recipe, RecipeValue
from xharness.tasks.registry import Registry
from xharness.train.recipe_layers import file_layers, sets_layer, undone

RECIPES = REFERENCE, JIANT = "reference", "jiant"

# What each task of a mixture keeps of its own recipe: how its inputs are made and how much of its dev set is used.
# Everything else belongs to the phase: there is one optimizer, one schedule and one seed.
OF_TASK = ("max_length", "doc_stride", "max_question_length", "mlm_probability", "dev_examples", *OF_PAIRS)


def resolve(
    task: Task,
    *,
    blocks: int,
    recipe: str = "reference",
    overrides: Path | None = None,
    sets: Sequence[str] = (),
    registry: Registry | None = None,
) -> Recipe:
    """The recipe of one phase. Later layers win over earlier ones:

    1. ``recipe``: ``reference`` is the task's ``recipe`` (a target's numbers are XTREME's, an intermediate task's are
       those of jiant, as far as jiant published any); ``jiant`` is its ``jiant`` where it declares that;
    2. the top level of the TOML file ``overrides``;
    3. the table of that file that has the task's name;
    4. ``sets``, each ``key=value``, the last one of a key.

    A layer that sets ``epochs`` undoes ``steps`` of the layers below, and ``warmup_ratio`` undoes ``warmup_steps``.
    The name of the result says which fields were changed.

    Args:
        task: What the model is for: XQuAD and SQuAD 1.1 train on the same data by different recipes.
        blocks: Of the model; the reference's learning rate depends on its size.
        registry: The tasks that tables of ``overrides`` may be named after; by default those of this installation.

    Raises:
        UserError: unknown recipe, field or table; a value of the wrong type or out of range; an unreadable file; a
            task that no model is trained on.
    """
    if recipe not in RECIPES:
        raise UserError(f"unknown recipe '{recipe}'", "there are two by name", suggestion(recipe, RECIPES))
    said = (task.jiant if recipe == JIANT else None) or task.recipe
    if said is None:
        why = f"it declares none: nothing says how a model is trained for {task.type.title} here"
        fix = "train on an intermediate task or a target, or give a Task of your own a recipe=Recipe(...)"
        raise UserError(f"there is no recipe for '{task.name}'", why, fix)
    base = replace(said.of_size(blocks), name=recipe)
    layers = file_layers(overrides, task, registry) if overrides else []
    changes: dict[str, RecipeValue] = {}
    for layer in (*layers, sets_layer(sets)):
        changes |= undone(layer) | layer
    before = base.record()
    changed = [name for name in before if name in changes and changes[name] != before[name]]
    name = f"{base.name}, changed: {', '.join(changed)}" if changed else base.name
    return base.changed({"name": name, **changes})


def merge_recipes(recipes: Mapping[str, Recipe]) -> dict[str, Recipe]:
    """The recipes of a mixture: the first task's for all, but for :data:`OF_TASK`, which every task keeps."""
    first = next(iter(recipes.values()))
    return {name: first.changed({**dict.fromkeys(OF_PAIRS), **own_inputs(own)}) for name, own in recipes.items()}


def own_inputs(recipe: Recipe) -> dict[str, RecipeValue]:
    """The fields of :data:`OF_TASK` that the recipe has."""
    record = recipe.record()
    return {name: record[name] for name in OF_TASK if name in record}


def overridden(recipes: Mapping[str, Recipe]) -> list[str]:
    """What the other tasks of a mixture would have had alone, one line a task."""
    first, *_ = recipes
    lines = []
    for name, own in recipes.items():
        wanted, given = own.record(), recipes[first].record()
        differing = [field for field in wanted if field not in (*OF_TASK, "name") and wanted[field] != given[field]]
        if differing:
            values = ", ".join(f"{field} {wanted[field]}" for field in differing)
            lines.append(f"{name} follows the schedule, seed and selection of {first}; alone it would have {values}")
    return lines


def check_tables(overrides: Path | None, tasks: Sequence[Task], registry: Registry | None = None) -> None:
    """Refuse a recipe file that gives a later task of a mixture what only the first one decides.

    Raises:
        UserError: naming the table and its fields.
    """
    for task in tasks[1:] if overrides else ():
        assert overrides is not None
        _, table = file_layers(overrides, task, registry)
        if fields_ := [name for name in table if name not in OF_TASK]:
            raise UserError(
                f"[{task.name}] in {overrides} sets {', '.join(fields_)}",
                f"a mixture has one schedule, seed and selection: those of its first task, {tasks[0].name}",
                f"set it at the top of the file or in [{tasks[0].name}], or name {task.name} first",
            )
