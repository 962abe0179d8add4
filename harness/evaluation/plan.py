"""Everything that can be refused is refused here, before a model is loaded: names, paths, labels, data, disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from xharness.checkpoints import provenance
from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.checkpoints.compatibility import Compatible, Incompatible
from xharness.compute.device import Device
from xharness.evaluation.answer import answerer_of, can_be_answered
from xharness.evaluation.code import code_of
from xharness.evaluation.options import EvaluateOptions
from xharness.runs import folder as runs
from xharness.runs.folder import Record, RunFolder
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.version import VERSION
from xharness.tasks.data import DataFolder
from xharness.tasks.registry import Registry, languages_of, open_registry, select_languages


@dataclass(frozen=True)
class PlannedCell:
    """One task in one language.

    Attributes:
        settings: Of the answerer of the task's type.
        parts: Everything that can change its answers, by name.
    """

    fitting: Compatible
    language: str
    split: str
    settings: object
    parts: Mapping[str, Any]

    @cached_property
    def key(self) -> str:
        """Hash of all the parts."""
        return content_key(self.parts)

    @property
    def task(self) -> Task:
        """The task."""
        return self.fitting.task


@dataclass(frozen=True)
class Prepared:
    """A checked evaluation, ready to run."""

    options: EvaluateOptions
    registry: Registry
    data: DataFolder
    checkpoints: Mapping[str, Checkpoint]
    compatible: Sequence[Compatible]
    incompatible: Sequence[Incompatible]
    languages: Mapping[str, Sequence[str]]
    folder: RunFolder

    def resolved(self, device: Device) -> Prepared:
        """The same with what the device decides in place of ``auto``. Only then identity and keys can be told."""
        return replace(self, options=self.options.resolved(device.precision, device.batch_tokens))

    @property
    def identity(self) -> dict[str, Any]:
        """What makes this run the run that it is: model, and every option that can change an answer."""
        return {
            "model": {name or "model": checkpoint.fingerprint for name, checkpoint in self.checkpoints.items()},
            "options": self.options.identity(),
        }

    def cells(self) -> list[PlannedCell]:
        """All cells that are asked for, in order of tasks and languages, with their keys."""
        return [
            self.plan(fitting, language, scored_split(self.data, fitting.task, language))
            for fitting in self.compatible
            for language in self.languages[fitting.task.name]
        ]

    def plan(self, fitting: Compatible, language: str, split: str) -> PlannedCell:
        """One cell with what its key is made of, as things are now."""
        task, answerer = fitting.task, answerer_of(fitting.task)
        settings = answerer.settings(self.options, task, fitting.checkpoint)
        splits = dict.fromkeys(filter(None, (task.type.tuning_split, split)))
        files = [file for name in splits for file in self.data.files(task, language, name)]
        parts = {
            "version": VERSION,
            "task": task.name,
            "language": language,
            "metric": task.metric.name,
            "code": code_of(task),
            "labels": list(fitting.labels),
            "model": fitting.checkpoint.fingerprint,
            "data": self.data.hashes.sha256(files),
            "options": self.options.cache_key_fields() | answerer.cache_key_fields(settings),
            "max_length": task.max_length,
        }
        return PlannedCell(fitting, language, split, settings, parts)

    def why_stale(self, record: Record) -> str:
        """Why a cell of an earlier call does not count: other data, weights or code than now; empty if it counts."""
        task = self.registry.tasks.get(record.task)
        if task is None:
            return "its task is not known here; --tasks-from names the file that declares it"
        fitting = match(task, self.checkpoints)
        if not isinstance(fitting, Compatible) or not self.data.holds(task, record.language, record.split):
            return ""  # its data or its checkpoint lie elsewhere: nothing to compare with
        now = self.plan(fitting, record.language, record.split)
        if now.key == record.key:
            return ""
        changed = "; ".join(runs.differences(record.parts, now.parts)) if record.parts else "another version wrote it"
        return f"it was answered otherwise ({changed}); evaluate it again"

    def size(self, cell: PlannedCell) -> int:
        """Bytes of a cell's files: a cheap measure of its work."""
        return sum(file.stat().st_size for file in self.data.files(cell.task, cell.language, cell.split))


def scored_split(data: DataFolder, task: Task, language: str) -> str:
    """``test``, but the tuning split where only that is there: it has gold, and its number is marked as dev."""
    tuning = task.type.tuning_split
    return tuning if tuning and language not in data.languages(task, "test") else "test"


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


def prepare(options: EvaluateOptions, *, registry: Registry | None = None, data: DataFolder | None = None) -> Prepared:
    """Check a whole evaluation. Imports no torch.

    Args:
        registry: The tasks, if not those of this installation and of ``options.tasks_from``.
        data: The data, if not what is opened at ``options.data``.

    Raises:
        UserError: the first thing that is wrong, in the order names, data, checkpoint, layer, output folder.
    """
    options.check()
    registry = registry or open_registry(options.tasks_from)
    chosen = registry.select(options.tasks)
    wanted = select_languages(chosen, options.langs)
    by_name = {name.strip() for name in (options.tasks or "").split(",")}
    data = data or DataFolder.open(options.data, options.labels, names=registry.tasks)
    checkpoints = find(options.model, allow_pickle=options.allow_pickle)
    for checkpoint in checkpoints.values():
        provenance.read(checkpoint.path)  # refuses a broken one
    compatible, incompatible, languages = [], [], {}
    for task in chosen:
        found = match(task, checkpoints)
        if isinstance(found, Compatible):
            languages[task.name] = _languages(data, task, wanted)
            if not languages[task.name]:
                found = Incompatible(task, _why_no_data(data, task, wanted), _remedy(data, task, wanted))
        if isinstance(found, Incompatible):
            if task.name in by_name:
                raise UserError(f"cannot evaluate {task.name}", found.reason, found.fix)
            incompatible.append(found)
        else:
            compatible.append(found)
    _check_languages(data, [fitting.task for fitting in compatible], wanted, languages)
    if not compatible:
        fix = f"see: xharness data check --data {options.data}"
        raise UserError("nothing to evaluate", _reasons(incompatible), fix)
    for fitting in compatible:
        answerer_of(fitting.task).settings(options, fitting.task, fitting.checkpoint)  # refuses what does not fit
    folder = RunFolder(options.out)
    folder.check_place()
    return Prepared(options, registry, data, checkpoints, compatible, incompatible, languages, folder)


def _check_languages(
    data: DataFolder, tasks: Sequence[Task], wanted: set[str] | None, languages: Mapping[str, Sequence[str]]
) -> None:
    """Refuse a language that was asked for by name and that no selected task has data of."""
    there = {language for task in tasks for language in languages[task.name]}
    if tasks and (absent := sorted((wanted or set()) - there)):
        raise UserError(
            f"no data in {', '.join(absent)}",
            f"--langs asks for it, but no selected task has test data of it in {data.download}",
            f"add the files, or leave it out: --langs {','.join(sorted(there))}",
        )


def languages_without_data(prepared: Prepared) -> list[str]:
    """A line for each task that has some but not all of the languages that were asked for by name."""
    tasks = [fitting.task for fitting in prepared.compatible]
    wanted = select_languages(tasks, prepared.options.langs) or set()
    absent = {task.name: sorted(wanted & set(languages_of(task)) - {*prepared.languages[task.name]}) for task in tasks}
    return [f"{name}: no data in {', '.join(missing)}" for name, missing in absent.items() if missing]


def _reasons(incompatible: Sequence[Incompatible]) -> str:
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
    return [language for language in there if wanted is None or language in wanted]


def _why_no_data(data: DataFolder, task: Task, wanted: set[str] | None) -> str:
    """Why a task has no language to evaluate."""
    folder: Path = data.download / task.name
    if wanted is not None and not wanted & set(languages_of(task)):
        return f"it has no {', '.join(sorted(wanted))}"
    if not folder.is_dir():
        return f"no data: there is no {folder}"
    there = data.languages(task, "test")
    if wanted is not None and there:
        return f"no data for {', '.join(sorted(wanted))}: {folder} has {', '.join(there)}"
    return f"no data: {folder} has no test file that is known"


def _remedy(data: DataFolder, task: Task, wanted: set[str] | None) -> str:
    """What to do about a task without a language to evaluate."""
    if wanted is not None and not wanted & set(languages_of(task)):
        return f"leave it out, or choose from: {', '.join(languages_of(task))}"
    return f"add files to {data.download / task.name}/"
