"""Everything that can be refused is refused here, before a model is loaded: names, paths, labels, data, disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from harness import __version__, runs
from harness.abilities import Ability, Refusal, match
from harness.checkpoint import Checkpoint, find
from harness.layers import resolve_layer
from harness.options import EvaluateOptions
from harness.runs import RunFolder
from tasks.base import Kind, Task
from tasks.data import DataFolder
from tasks.errors import UserError
from tasks.files import sha256
from tasks.registry import Registry, languages_of, load_file, select_languages


@dataclass(frozen=True)
class PlannedCell:
    """One task in one language, and the content key under which its result is kept."""

    ability: Ability
    language: str
    split: str
    key: str

    @property
    def task(self) -> Task:
        """The task."""
        return self.ability.task


@dataclass(frozen=True)
class Prepared:
    """A checked evaluation, ready to run."""

    options: EvaluateOptions
    registry: Registry
    data: DataFolder
    checkpoints: Mapping[str, Checkpoint]
    abilities: Sequence[Ability]
    refusals: Sequence[Refusal]
    languages: Mapping[str, Sequence[str]]
    folder: RunFolder

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What makes this run the run that it is: model, and every option that can change an answer."""
        kinds = sorted({kind for kind in Kind if kind is not Kind.RANKING})
        options: dict[str, Any] = {}
        for kind in kinds:
            options |= self.options.that_change_answers(kind, self.options.precision)
        options.pop("batch_tokens", None)  # who runs out of memory goes on with less; where it matters, cells have it
        return {
            "model": {name or "model": checkpoint.fingerprint for name, checkpoint in self.checkpoints.items()},
            "options": options,
        }

    def cells(self, precision: str) -> list[PlannedCell]:
        """All cells that are asked for, in order of tasks and languages, with their keys."""
        planned = []
        for ability in self.abilities:
            for language in self.languages[ability.task.name]:
                split = scored_split(self.data, ability.task, language)
                planned.append(PlannedCell(ability, language, split, self._key(ability, language, split, precision)))
        return planned

    def is_current(self, task: Task, language: str, split: str, key: str, precision: str) -> bool:
        """False if a cell of an earlier call is known to be of other data or weights than those given now."""
        ability = match(task, self.checkpoints)
        if not isinstance(ability, Ability) or not self.data.holds(task, language, split):
            return True  # its data or its checkpoint lie elsewhere: nothing to compare with
        return self._key(ability, language, split, precision) == key

    def files(self, task: Task, language: str, split: str) -> list[Path]:
        """Every file of a cell: examples, then labels."""
        assert task.reader is not None
        labels = self.data.labels_file(task, language, split)
        return [*task.reader.find(self.data.download / task.name, language, split), *([labels] if labels else [])]

    def size(self, cell: PlannedCell) -> int:
        """Bytes of a cell's files: a cheap measure of its work."""
        return sum(file.stat().st_size for file in self.files(cell.task, cell.language, cell.split))

    def _key(self, ability: Ability, language: str, split: str, precision: str) -> str:
        """Content key of one cell."""
        task = ability.task
        splits = dict.fromkeys(("dev", split)) if task.kind is Kind.MINING else (split,)
        return runs.key(
            {
                "version": __version__,
                "task": task.name,
                "language": language,
                "metric": task.metric.name,
                "labels": ability.labels,
                "model": ability.checkpoint.fingerprint,
                "data": sha256([file for name in splits for file in self.files(task, language, name)]),
                "options": self.options.that_change_answers(task.kind, precision),
                "max_length": task.max_length,
            }
        )


def scored_split(data: DataFolder, task: Task, language: str) -> str:
    """``test``, but ``dev`` for mining where only that is there: it has gold, and its number is marked as dev."""
    return "dev" if task.kind is Kind.MINING and language not in data.languages(task, "test") else "test"


def prepare(options: EvaluateOptions) -> Prepared:
    """Check a whole evaluation. Imports no torch.

    Raises:
        UserError: the first thing that is wrong, in the order names, data, checkpoint, layer, output folder.
    """
    options.check()
    registry = Registry(load_file(options.tasks_from) if options.tasks_from else ())
    chosen = registry.select(options.tasks)
    wanted = select_languages(chosen, options.langs)
    by_name = {name.strip() for name in (options.tasks or "").split(",")}
    data = DataFolder.open(options.data, options.labels, names=registry.tasks)
    checkpoints = find(options.model, allow_pickle=options.allow_pickle)
    abilities, refusals, languages = [], [], {}
    for task in chosen:
        found = match(task, checkpoints)
        if isinstance(found, Ability):
            languages[task.name] = _languages(data, task, wanted)
            if not languages[task.name]:
                found = Refusal(task, _why_no_data(data, task, wanted), _remedy(data, task, wanted))
        if isinstance(found, Refusal):
            if task.name in by_name:
                raise UserError(f"cannot evaluate {task.name}", found.reason, found.fix)
            refusals.append(found)
        else:
            abilities.append(found)
    if not abilities:
        raise UserError("nothing to evaluate", _reasons(refusals), f"see: xharness data check --data {options.data}")
    for ability in abilities:
        if ability.task.kind in (Kind.RETRIEVAL, Kind.MINING):
            resolve_layer(options.layer, ability.checkpoint.blocks)
    folder = RunFolder(options.out)
    prepared = Prepared(options, registry, data, checkpoints, abilities, refusals, languages, folder)
    folder.check(prepared.identity, overwrite=options.overwrite)
    return prepared


def _reasons(refusals: Sequence[Refusal]) -> str:
    """Each reason once, with the tasks that it holds for."""
    tasks: dict[str, list[str]] = {}
    for refusal in refusals:
        tasks.setdefault(refusal.reason.replace(refusal.task.name, "..."), []).append(refusal.task.name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in tasks.items())


def _languages(data: DataFolder, task: Task, wanted: set[str] | None) -> list[str]:
    """Languages of a task that the data hold and the user wants, in the task's order."""
    there = data.languages(task, "test")
    if task.kind is Kind.MINING:
        there += [language for language in data.languages(task, "dev") if language not in there]
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
