"""Which tasks a checkpoint answers on the data that are there, and why it does not answer the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.checkpoints.compatibility import Compatible, Incompatible
from xharness.evaluation.answer import answerer_of, can_be_answered
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.data import DataFolder
from xharness.tasks.registry import languages_of


@dataclass(frozen=True)
class TaskSelection:
    """What can be evaluated, and what cannot.

    Attributes:
        compatible: Tasks with the checkpoint that answers each.
        languages: Of each of them those that the data hold and the user wants, in the task's order.
        without_data: A line for each of them that has some but not all languages that were asked for by name.
    """

    compatible: Sequence[Compatible]
    incompatible: Sequence[Incompatible]
    languages: Mapping[str, Sequence[str]]
    without_data: Sequence[str]


def select(
    tasks: Sequence[Task],
    checkpoints: Mapping[str, Checkpoint],
    data: DataFolder,
    wanted: set[str] | None,
    required: set[str],
) -> TaskSelection:
    """Sort tasks into those that can be evaluated and the others.

    Args:
        checkpoints: From :func:`xharness.checkpoints.checkpoint.find`.
        wanted: Languages; None for all.
        required: Names of tasks that were asked for one by one.

    Raises:
        UserError: a required task cannot be evaluated, none can, or a wanted language is not there.
    """
    found = [_fit(task, checkpoints, data, wanted) for task in tasks]
    compatible = [each for each in found if isinstance(each, Compatible)]
    incompatible = [each for each in found if isinstance(each, Incompatible)]
    for refusal in incompatible:
        if refusal.task.name in required:
            raise UserError(f"cannot evaluate {refusal.task.name}", refusal.reason, refusal.fix)
    languages = {each.task.name: _languages(data, each.task, wanted) for each in compatible}
    _check_languages(data, wanted, languages)
    return TaskSelection(compatible, incompatible, languages, _without_data(compatible, wanted, languages))


def _fit(
    task: Task, checkpoints: Mapping[str, Checkpoint], data: DataFolder, wanted: set[str] | None
) -> Compatible | Incompatible:
    """The checkpoint for a task that has data, or why it cannot be evaluated."""
    found = match(task, checkpoints)
    if isinstance(found, Incompatible) or _languages(data, task, wanted):
        return found
    return Incompatible(task, _why_no_data(data, task, wanted), _remedy(data, task, wanted))


def match(task: Task, checkpoints: Mapping[str, Checkpoint]) -> Compatible | Incompatible:
    """Find the checkpoint that answers a task.

    Args:
        task: The task.
        checkpoints: From :func:`xharness.checkpoints.checkpoint.find`: one under ``""``, or a suite by folder name.
    """
    if not can_be_answered(task):
        why, fix = f"{task.type.title} can be scored, not answered", "use: xharness score PREDICTIONS LABELS"
        return Incompatible(task, why, fix)
    answerer = answerer_of(task)
    if "" in checkpoints:
        return answerer.fit(task, checkpoints[""])
    folders = task.suite_folders or (task.name,)
    incompatible = []
    for folder in (folder for folder in folders if folder in checkpoints):
        found = answerer.fit(task, checkpoints[folder])
        if isinstance(found, Compatible):
            return found
        incompatible.append(found)
    missing = Incompatible(task, "the suite has no folder for it", f"add a folder {folders[0]}/")
    return incompatible[0] if incompatible else missing


def _check_languages(data: DataFolder, wanted: set[str] | None, languages: Mapping[str, Sequence[str]]) -> None:
    """Refuse a language that was asked for by name and that no selected task has data of."""
    there = {language for each in languages.values() for language in each}
    if languages and (absent := sorted((wanted or set()) - there)):
        raise UserError(
            f"no data in {', '.join(absent)}",
            f"--langs asks for it, but no selected task has test data of it in {data.download}",
            f"add the files, or leave it out: --langs {','.join(sorted(there))}",
        )


def _without_data(
    compatible: Sequence[Compatible], wanted: set[str] | None, languages: Mapping[str, Sequence[str]]
) -> list[str]:
    """A line for each task that lacks languages that were asked for by name."""
    absent = {
        each.task.name: sorted((wanted or set()) & {*languages_of(each.task)} - {*languages[each.task.name]})
        for each in compatible
    }
    return [f"{name}: no data in {', '.join(missing)}" for name, missing in absent.items() if missing]


def reasons(incompatible: Sequence[Incompatible]) -> str:
    """Each reason once, with the tasks that it holds for."""
    tasks: dict[str, list[str]] = {}
    for refusal in incompatible:
        tasks.setdefault(refusal.reason.replace(refusal.task.name, "..."), []).append(refusal.task.name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in tasks.items())


def _languages(data: DataFolder, task: Task, wanted: set[str] | None) -> list[str]:
    """Languages of a task that the data hold and the user wants, in the task's order."""
    there = data.languages(task, "test")
    if tuning := task.type.tuning_split:
        there += [language for language in data.languages(task, tuning) if language not in there]
    return [language for language in there if (language not in task.beside if wanted is None else language in wanted)]


def _why_no_data(data: DataFolder, task: Task, wanted: set[str] | None) -> str:
    """Why a task has no language to evaluate."""
    folder: Path = data.download / task.name
    if wanted is not None and not wanted & set(languages_of(task)):
        return f"it has no {', '.join(sorted(wanted))}"
    if not folder.is_dir():
        others = "".join(f", nor {name}/ beside it" for name in task.data_folders)
        return f"no data: there is no {folder}{others}"
    there = data.languages(task, "test")
    if wanted is not None and there:
        return f"no data for {', '.join(sorted(wanted))}: {folder} has {', '.join(there)}"
    if there:
        return f"{folder} has only {', '.join(there)}, which is in no average and is evaluated where it is named"
    return f"no data: {folder} has no test file that is known"


def _remedy(data: DataFolder, task: Task, wanted: set[str] | None) -> str:
    """What to do about a task without a language to evaluate."""
    if wanted is not None and not wanted & set(languages_of(task)):
        return f"leave it out, or choose from: {', '.join(languages_of(task))}"
    if wanted is None and (there := data.languages(task, "test")):
        return f"name it: --langs {','.join(there)}; or add files of {', '.join(task.languages)}"
    return f"add files to {data.download / task.name}/"
