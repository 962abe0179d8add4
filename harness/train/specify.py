"""From what a user asks for to the specification of a phase: everything that can be refused before data are read."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from xharness.checkpoints.architecture import check_architecture
from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.checkpoints.offline import offline
from xharness.checkpoints.provenance import doubt, tasks_of
from xharness.checkpoints.provenance import read as read_provenance
from xharness.compute.device import Device, resolve
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.files import FileHashes
from xharness.tasks.intermediate import mlm
from xharness.tasks.recipe import Recipe
from xharness.tasks.registry import Registry
from xharness.tasks.synonyms import read_synonyms
from xharness.train.data_files import DataFiles, files_of, text_of
from xharness.train.launching import launched
from xharness.train.objectives import objective_class, trains_dual_encoder
from xharness.train.objectives.base import LabelObjective
from xharness.train.options import FinetuneOptions
from xharness.train.recipes import REFERENCE, check_tables, merge_recipes, overridden
from xharness.train.recipes import resolve as resolve_recipe
from xharness.train.specification import PhaseSpecification


@offline()
def specify(
    options: FinetuneOptions,
    *,
    parent_key: str | None = None,
    parent_tasks: Sequence[str] | None = None,
    hashes: FileHashes | None = None,
    device: Device | None = None,
    processes: int | None = None,
) -> PhaseSpecification:
    """The specification of a phase. Reads no example and no weights, but hashes the files of both.

    Args:
        parent_key: Of the phase that trained ``options.model``; by default its fingerprint stands for it.
        parent_tasks: What the parent was trained on last, where it is not trained yet and ``options.model`` stands for
            its architecture; by default what its provenance says.
        hashes: Those of files that were hashed before in this run.
        device: Where it will be trained, if that is another machine's; by default the one of the options, here.
        processes: That will train together; by default those that were launched with this one.

    Raises:
        UserError: the first thing that is wrong.
    """
    options.check()
    registry = options.registry
    wanted = {registry.trainable(name).name: registry.known[name] for name in options.tasks}
    _check_names(options, wanted, registry)
    if options.negatives is not None and not trains_dual_encoder(map(registry.trainable, wanted)):
        raise no_negatives(options.negatives, wanted)
    parent = _parent(options)
    recipes, notes = _recipes(options, wanted, parent.blocks, registry)
    notes += [said] if (said := doubt(parent)) else []
    synonyms = read_synonyms(options.synonyms) if options.synonyms else None
    if options.dynamics:
        _check_dynamics(wanted)
    files = _files(options, wanted, registry, hashes or FileHashes())
    check_architecture(parent)
    device = device or resolve(options.device, options.precision)
    notes += [said] if (said := device.doubt()) else []
    keeps_head, alone = _after(options, wanted, parent, parent_tasks)
    return PhaseSpecification(
        options=options,
        tasks={name: task for name, task in wanted.items() if name != mlm.TASK.name},
        parent=parent,
        parent_key=parent_key or parent.fingerprint,
        recipes={name: recipes[name if name in recipes else mlm.TASK.name] for name in files},
        files=files,
        synonyms=synonyms,
        device=device,
        processes=processes or launched(),
        keeps_head=keeps_head,
        notes=[*notes, *alone],
    )


def no_negatives(number: int, tasks: Iterable[str]) -> UserError:
    """What is said where nothing trained has negatives."""
    return UserError(
        f"--negatives {number} with {', '.join(tasks)}",
        "it would be ignored: no dual encoder is trained, and nothing else has negatives",
        "leave it out, or train on squad_pairs or wikipedia_pairs",
    )


def _files(
    options: FinetuneOptions, wanted: Mapping[str, Task], registry: Registry, hashes: FileHashes
) -> dict[str, DataFiles]:
    """The files of every member."""
    found: dict[str, DataFiles] = {}
    for name, answered in wanted.items():
        if name == mlm.TASK.name:
            found |= {
                member: DataFiles((file,), hashes.sha256([file]), {}) for member, file in text_of(options).items()
            }
        else:
            found[name] = files_of(registry.trainable(name), answered, options, hashes)
    return found


def _check_names(options: FinetuneOptions, wanted: Mapping[str, Task], registry: Registry) -> None:
    """Refuse loss weights of tasks that are not there, and a task under two names.

    Raises:
        UserError: naming it.
    """
    if len(wanted) < len(set(options.tasks)):
        trained = {name: registry.trainable(name).name for name in options.tasks}
        both = [name for name, data in trained.items() if list(trained.values()).count(data) > 1]
        raise UserError(
            f"{' and '.join(both)} train on the same data", "a mixture draws from different data", "name one of them"
        )
    for name in options.task_weights:
        if name not in wanted and not name.startswith(f"{mlm.TASK.name}-"):
            raise UserError(f"a loss weight for '{name}'", "it is not trained here", suggestion(name, wanted))


def _check_dynamics(wanted: Mapping[str, Task]) -> None:
    """Refuse to record what says nothing of an example as a whole.

    Raises:
        UserError: naming a task whose type has not one answer out of few.
    """
    for name, task in wanted.items():
        if not issubclass(objective_class(task), LabelObjective):
            why = f"{task.type.title} has no single answer out of few, such as a label, to give a probability to"
            fix = "leave it out; it is for text classification and multiple choice"
            raise UserError(f"--dynamics with {name}", why, fix)


def _parent(options: FinetuneOptions) -> Checkpoint:
    """The one checkpoint that training starts from."""
    found = find(options.model, allow_pickle=options.allow_pickle)
    if "" not in found:
        raise UserError(
            f"{options.model} is a suite",
            "training starts from one checkpoint",
            f"give one: {', '.join(sorted(found))}",
        )
    return found[""]


def _recipes(
    options: FinetuneOptions, wanted: Mapping[str, Task], blocks: int, registry: Registry
) -> tuple[dict[str, Recipe], list[str]]:
    """The recipe of each task within the phase, and what tasks of a mixture had to yield."""
    check_tables(options.overrides, list(wanted.values()), registry)
    alone = {
        name: resolve_recipe(
            task,
            blocks=blocks,
            recipe=options.recipe,
            overrides=options.overrides,
            sets=_changes(options, registry.trainable(name)),
            registry=registry,
        )
        for name, task in wanted.items()
    }
    recipes = merge_recipes(alone)
    if options.compile and recipes[next(iter(recipes))].adversarial_epsilon:
        raise UserError(
            "--compile with adversarial training",
            "the perturbation changes what a compiled encoder computes",
            "leave one of them out",
        )
    return recipes, overridden(alone)


def _changes(options: FinetuneOptions, trained: Task) -> list[str]:
    """What changes the recipe of a task: negatives only that of a dual encoder."""
    return (options if trains_dual_encoder([trained]) else replace(options, negatives=None)).changes


def _after(
    options: FinetuneOptions, wanted: Mapping[str, Task], parent: Checkpoint, parent_tasks: Sequence[str] | None
) -> tuple[bool, list[str]]:
    """Whether training starts from the task that the reference trains on before, and if not, how it would."""
    before = [task.recipe.after for task in wanted.values() if task.recipe and task.recipe.after]
    if options.recipe != REFERENCE or not before or len(wanted) > 1:
        return False, []
    if parent_tasks is None:
        record = read_provenance(parent.path)
        parent_tasks = tasks_of(record) if record else []
    if list(parent_tasks) == before:
        return True, []
    (name,), (first,) = wanted, before
    own = ["--tasks-from", str(options.tasks_from)] if options.tasks_from else []
    command, between = ["xharness", "finetune", "--data", str(options.data), *own], f"{options.out}-{first}"
    both = [
        shlex.join([*command, "--model", str(options.model), "--task", first, "--out", between]),
        shlex.join([*command, "--model", between, "--task", name, "--out", str(options.out)]),
    ]
    why = f"the reference trains on {first} first and continues from that checkpoint, head included"
    return False, [f"{name} is trained alone here: {why}. For both: {' && '.join(both)}"]
