"""The tasks by name and group, and the benchmarks that average them; tasks of the user's own join here.

A task of your own comes in by an entry point of the group ``xharness.tasks`` or by ``--tasks-from file.py``, with the
same rights as ours. Importing this module reads no data and no torch.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from tasks import bucc2018, mewslix, mlqa, panx, pawsx, tatoeba, tydiqa, udpos, xcopa, xnli, xquad
from tasks.base import Task
from tasks.errors import UserError, suggestion

BUILT_IN = (
    pawsx.TASK, xnli.TASK, panx.TASK, udpos.TASK, bucc2018.TASK, tatoeba.TASK, xquad.TASK, mlqa.TASK, tydiqa.TASK,
    xcopa.TASK, mewslix.TASK,
)  # fmt: skip


@dataclass(frozen=True)
class Benchmark:
    """Which tasks and languages are averaged to one number, and in which groups.

    Orders are the official scorer's, because they fix the order of summation and of keys in its JSON.
    """

    name: str
    languages: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]]

    @property
    def cells(self) -> int:
        """Number of task-language cells."""
        return sum(len(languages) for languages in self.languages.values())


XTREME = Benchmark(
    name="xtreme",
    languages={task.name: task.languages for task in BUILT_IN[:9]},
    groups={
        "classification": ("pawsx", "xnli"),
        "tagging": ("udpos", "panx"),
        "qa": ("xquad", "mlqa", "tydiqa"),
        "retrieval": ("bucc2018", "tatoeba"),
    },
)

# xcopa counts in two groups and lareqa in none, as in the official scorer, whose list of LAReQA languages is empty, so
# that it can never print a total for XTREME-R. Ours averages the nine tasks that have languages and says so.
XTREME_R = Benchmark(
    name="xtreme-r",
    languages={
        "xnli": xnli.LANGUAGES,
        "panx": (*panx.LANGUAGES, "qu", "pl", "uk", "az", "lt", "pa", "gu", "ro"),
        "udpos": (*udpos.LANGUAGES, "lt", "pl", "uk", "wo", "ro"),
        "tatoeba": (*tatoeba.LANGUAGES, "az", "lt", "pl", "uk", "ro"),
        "xcopa": xcopa.LANGUAGES,
        "mewslix": mewslix.TASK.languages,
        "xquad": (*xquad.LANGUAGES, "ro"),
        "mlqa": mlqa.LANGUAGES,
        "tydiqa": tydiqa.LANGUAGES,
    },
    groups={
        "classification": ("xnli", "xcopa"),
        "tagging": ("udpos", "panx"),
        "qa": ("xquad", "mlqa", "tydiqa"),
        "retrieval": ("tatoeba", "mewslix"),
        "multi_choice": ("xcopa",),
    },
)

BENCHMARKS = {benchmark.name: benchmark for benchmark in (XTREME, XTREME_R)}


class Registry:
    """Tasks by name; names of groups and benchmarks stand for their tasks."""

    def __init__(self, extra: Iterable[Task] = ()) -> None:
        self.tasks: dict[str, Task] = {}
        for task in (*BUILT_IN, *_from_entry_points(), *extra):
            if task.name in self.tasks:
                raise UserError(
                    f"task '{task.name}' is declared twice",
                    "names of tasks are folder names in data and submission, so they must differ",
                    "rename the one of your own",
                )
            self.tasks[task.name] = task

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Every name that stands for several tasks: benchmarks, XTREME's groups and the groups of added tasks."""
        named: dict[str, tuple[str, ...]] = {"all": tuple(self.tasks)}
        named |= {benchmark.name: tuple(benchmark.languages) for benchmark in BENCHMARKS.values()}
        for task in self.tasks.values():
            if task.name in XTREME.languages or task not in BUILT_IN:
                named[task.group] = (*named.get(task.group, ()), task.name)
        return named

    def task(self, name: str) -> Task:
        """One task by its exact name. Raises UserError with a suggestion."""
        if name not in self.tasks:
            raise UserError(f"unknown task '{name}'", "no task has this name", suggestion(name, self.tasks))
        return self.tasks[name]

    def select(self, names: str | None) -> list[Task]:
        """Tasks for a comma-separated list of task and group names; None means XTREME and every added task."""
        groups = self.groups()
        if names is None:
            added = [task for task in self.tasks.values() if task not in BUILT_IN]
            return [self.tasks[name] for name in XTREME.languages] + added
        chosen: dict[str, Task] = {}
        for name in filter(None, (part.strip() for part in names.split(","))):
            if name not in self.tasks and name not in groups:
                known = [*self.tasks, *groups]
                raise UserError(f"unknown task '{name}'", "no task or group has this name", suggestion(name, known))
            for member in groups.get(name, (name,)) if name not in self.tasks else (name,):
                chosen[member] = self.tasks[member]
        if not chosen:
            raise UserError("no task given", f"'{names}' names no task", "name at least one, for example --tasks xnli")
        return list(chosen.values())


def languages_of(task: Task) -> tuple[str, ...]:
    """All languages of a task over every benchmark: the declared ones, then those that only XTREME-R scores."""
    more = [language for b in BENCHMARKS.values() for language in b.languages.get(task.name, ())]
    return tuple(dict.fromkeys((*task.languages, *more)))


def select_languages(tasks: Iterable[Task], names: str | None) -> set[str] | None:
    """Languages for a comma-separated list; None means all. Raises UserError for one that no chosen task has."""
    if names is None:
        return None
    chosen = {part.strip() for part in names.split(",") if part.strip()}
    if not chosen:
        raise UserError(
            "no language given", f"'{names}' names no language", "name at least one, for example --langs de"
        )
    known = {language for task in tasks for language in languages_of(task)}
    for language in sorted(chosen - known):
        raise UserError(
            f"unknown language '{language}'", "none of the chosen tasks has this language", suggestion(language, known)
        )
    return chosen


def load_file(path: Path) -> list[Task]:
    """Tasks declared at the top level of a Python file of the user's own (``--tasks-from``)."""
    if not path.is_file():
        raise UserError(f"no task file at {path}", "--tasks-from takes a Python file", "check the path")
    spec = importlib.util.spec_from_file_location(f"xharness_tasks_from_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UserError(f"cannot import {path}", "--tasks-from takes a Python file (.py)", "rename the file to *.py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise UserError(f"cannot import {path}", why, "run it with python first") from error
    found = [value for value in vars(module).values() if isinstance(value, Task)]
    own = [task for task in found if all(task is not ours for ours in BUILT_IN)]
    if not own:
        raise UserError(
            f"{path} declares no task", "it has no tasks.base.Task at its top level", "see docs/adding-a-task.md"
        )
    return own


def _from_entry_points() -> list[Task]:
    """Tasks that installed packages offer under the entry point group ``xharness.tasks``."""
    found = []
    for entry in entry_points(group="xharness.tasks"):
        loaded = entry.load()
        found += [loaded] if isinstance(loaded, Task) else list(loaded)
    return found
