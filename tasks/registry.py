"""The tasks by name and group, and the benchmarks that average them; tasks of the user's own join here.

A task of your own comes in by an entry point of the group ``xharness.tasks`` or by ``--tasks-from file.py``, with the
same rights as ours. Importing this module reads no data and no torch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from xharness.tasks import bucc2018, lareqa, mewslix, mlqa, panx, pawsx, tatoeba, tydiqa, udpos, xcopa, xnli, xquad
from xharness.tasks.base import DIAGNOSTICS as DIAGNOSTIC_GROUP
from xharness.tasks.base import INTERMEDIATE as GROUP
from xharness.tasks.base import NEWER, Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.diagnostics import DIAGNOSTICS, TOGETHER
from xharness.tasks.discovery import tasks_in
from xharness.tasks.intermediate import INTERMEDIATE
from xharness.tasks.languages import canonical, in_region
from xharness.tasks.other_languages import REGIONS
from xharness.tasks.packs import PACKS
from xharness.tasks.plugins import from_entry_points, load_file


@dataclass(frozen=True)
class Benchmark:
    """Which tasks and languages are averaged to one number, and in which groups.

    Orders are the official scorer's, because they fix the order of summation and of keys in its JSON.

    Attributes:
        languages: By task.
        groups: Tasks by group; a group's number is their mean.
        not_in_total: Tasks that the official scorer's total leaves out.
        averages: Further averages by name: each the mean over its parts of the mean over the tasks of a part.
    """

    name: str
    languages: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]]
    not_in_total: tuple[str, ...] = ()
    averages: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    @property
    def in_total(self) -> tuple[str, ...]:
        """Tasks whose mean is the total."""
        return tuple(name for name in self.languages if name not in self.not_in_total)

    @property
    def cells(self) -> int:
        """Number of task-language cells of a submission."""
        return sum(len(self.languages[name]) for name in self.in_total)


XTREME = Benchmark(
    name="xtreme",
    languages={
        module.TASK.name: module.TASK.languages
        for module in (pawsx, xnli, panx, udpos, bucc2018, tatoeba, xquad, mlqa, tydiqa)
    },
    groups={
        "classification": ("pawsx", "xnli"),
        "tagging": ("udpos", "panx"),
        "qa": ("xquad", "mlqa", "tydiqa"),
        "retrieval": ("bucc2018", "tatoeba"),
    },
)

FOUR_CATEGORIES = (
    ("xnli", "xcopa"),
    ("udpos", "panx"),
    ("xquad", "mlqa", "tydiqa"),
    ("mewslix", "lareqa", "tatoeba"),
)
TEN_TASKS = tuple(name for category in FOUR_CATEGORIES for name in category)

# xcopa counts in two groups and lareqa in none, as in the official scorer, whose list of LAReQA languages is empty, so
# that it can never print a total for XTREME-R. Ours averages the nine tasks that have languages and says so. Two more
# averages are named: over all ten tasks, and over four categories, which is what the numbers of the paper agree with.
XTREME_R = Benchmark(
    name="xtreme-r",
    languages={
        "xnli": xnli.LANGUAGES,
        "panx": (*panx.LANGUAGES, *panx.ADDED),
        "udpos": (*udpos.LANGUAGES, *udpos.ADDED),
        "tatoeba": (*tatoeba.LANGUAGES, *tatoeba.ADDED),
        "xcopa": xcopa.LANGUAGES,
        "mewslix": mewslix.TASK.languages,
        "xquad": (*xquad.LANGUAGES, *xquad.ADDED),
        "mlqa": mlqa.LANGUAGES,
        "tydiqa": tydiqa.LANGUAGES,
        "lareqa": lareqa.LANGUAGES,
    },
    groups={
        "classification": ("xnli", "xcopa"),
        "tagging": ("udpos", "panx"),
        "qa": ("xquad", "mlqa", "tydiqa"),
        "retrieval": ("tatoeba", "mewslix"),
        "multi_choice": ("xcopa",),
    },
    not_in_total=("lareqa",),
    averages={
        "ten_tasks": tuple((name,) for name in TEN_TASKS),
        "four_categories": FOUR_CATEGORIES,
    },
)

BENCHMARKS = {each.name: each for each in (XTREME, XTREME_R)}


def benchmark(name: str) -> Benchmark:
    """The benchmark of that name. Raises UserError with a suggestion."""
    if name not in BENCHMARKS:
        raise UserError(f"unknown benchmark '{name}'", "there are two", suggestion(name, BENCHMARKS))
    return BENCHMARKS[name]


ON_DEMAND: Mapping[str, Task] = {**PACKS, **DIAGNOSTICS}
"""Tasks of this package that are evaluated only when they are named."""


@cache
def built_in() -> Mapping[str, Task]:
    """The scored tasks of this package by name: those of the benchmarks in their order, then the rest by name."""
    ordered = dict.fromkeys(name for each in BENCHMARKS.values() for name in each.languages)
    return tasks_in("xharness.tasks", [str(Path(__file__).parent)], first=tuple(ordered))


class Registry:
    """Tasks by name; names of groups and benchmarks stand for their tasks.

    Attributes:
        tasks: Those that are scored: built-in ones, those of installed packages, ``extra``, and :data:`ON_DEMAND`.
        intermediate: Those that are only trained on, of all three origins as well.
    """

    def __init__(self, extra: Iterable[Task] = ()) -> None:
        self.tasks: dict[str, Task] = {**built_in(), **ON_DEMAND}
        self.intermediate: dict[str, Task] = dict(INTERMEDIATE)
        for task in from_entry_points([*self.tasks, *self.intermediate]):
            self._add(task)
        for task in extra:
            if task.name in self.known:
                raise UserError(
                    f"task '{task.name}' is declared twice",
                    "names of tasks are folder names in data and submission, so they must differ",
                    "rename the one of your own",
                )
            self._add(task)

    def _add(self, task: Task) -> None:
        (self.intermediate if task.group == GROUP else self.tasks)[task.name] = task

    @property
    def known(self) -> dict[str, Task]:
        """Every task by name, scored or only trained on."""
        return {**self.tasks, **self.intermediate}

    @property
    def added(self) -> dict[str, Task]:
        """The scored tasks that are not of this package."""
        return {name: task for name, task in self.tasks.items() if name not in built_in() and name not in ON_DEMAND}

    @property
    def trainable_names(self) -> list[str]:
        """Tasks that a model can be trained for."""
        return [name for name, task in self.known.items() if task.recipe is not None]

    def trainable(self, name: str) -> Task:
        """The task whose English training data a model for ``name`` is trained on.

        Raises:
            UserError: no task has this name, or it has no recipe; with a suggestion.
        """
        names, task = self.trainable_names, self.known.get(as_known(name, self.known))
        if task is not None and task.recipe is not None:
            return self.trainable(task.trains_on) if task.trains_on else task
        why, fix = "no task has this name", suggestion(name, names)
        if task is not None:
            why = f"{name} declares no recipe: nothing says how a model is trained for it"
            fix = fix if name in built_in() else f"give the Task '{name}' a recipe=Recipe(...)"
        raise UserError(f"no task '{name}' to train on", why, fix)

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Every name that stands for several tasks: benchmarks, XTREME's groups, those of newer and added tasks."""
        named: dict[str, tuple[str, ...]] = {"all": (*built_in(), *self.added)}
        named |= {DIAGNOSTIC_GROUP: TOGETHER, NEWER: tuple(PACKS)}
        named |= {name: tuple(each.languages) for name, each in BENCHMARKS.items()}
        for task in self.tasks.values():
            region = task.name in PACKS and task.group != NEWER
            if task.name in XTREME.languages or task.name in self.added or region:
                named[task.group] = (*named.get(task.group, ()), task.name)
        return named

    def task(self, name: str) -> Task:
        """One task by its name. Raises UserError with a suggestion."""
        name = as_known(name, self.tasks)
        if name not in self.tasks:
            raise UserError(f"unknown task '{name}'", "no task has this name", suggestion(name, self.tasks))
        return self.tasks[name]

    def select(self, names: str | None, of: Benchmark = XTREME) -> list[Task]:
        """Tasks for a comma-separated list of task and group names; None means the benchmark and every added task."""
        groups = self.groups()
        if names is None:
            return [*(self.tasks[name] for name in of.languages), *self.added.values()]
        chosen: dict[str, Task] = {}
        for name in filter(None, (part.strip() for part in names.split(","))):
            name = as_known(name, (*self.tasks, *groups))
            if name not in self.tasks and name not in groups:
                known = [*self.tasks, *groups]
                raise UserError(f"unknown task '{name}'", "no task or group has this name", suggestion(name, known))
            for member in groups.get(name, (name,)) if name not in self.tasks else (name,):
                chosen[member] = self.tasks[member]
        if not chosen:
            raise UserError("no task given", f"'{names}' names no task", "name at least one, for example --tasks xnli")
        return list(chosen.values())


def as_known(name: str, known: Iterable[str]) -> str:
    """The known name that a user means, whatever its case; the name itself if no other, or several, could be meant."""
    names = list(known)
    alike = [each for each in names if each.lower() == name.lower()]
    return alike[0] if name not in names and len(alike) == 1 else name


def languages_of(task: Task) -> tuple[str, ...]:
    """All languages of a task: those of XTREME, those that only XTREME-R scores, those that nobody averages."""
    more = [language for b in BENCHMARKS.values() for language in b.languages.get(task.name, ())]
    return tuple(dict.fromkeys((*task.languages, *more, *task.beside)))


def select_languages(tasks: Iterable[Task], names: str | None, there: Collection[str] | None = None) -> set[str] | None:
    """Languages for a comma-separated list of codes, in any spelling, and of regions; None means all.

    Args:
        there: Those that there are data of, where that is known: a region stands for these.

    Raises:
        UserError: one that no chosen task has.
    """
    if names is None:
        return None
    given = {part.strip() for part in names.split(",") if part.strip()}
    if not given:
        raise UserError(
            "no language given", f"'{names}' names no language", "name at least one, for example --langs de"
        )
    known = {language for task in tasks for language in languages_of(task)}
    chosen: set[str] = set()
    for name in sorted(given):
        possible = known.intersection(there) if name in REGIONS and there is not None else known
        if not (meant := languages_meant(name, possible)):
            what = f"no language of {name}" if name in REGIONS else f"unknown language '{name}'"
            why = "none of the chosen tasks has this language" + (" in the data" if possible != known else "")
            raise UserError(what, why, suggestion(name, known))
        chosen.update(meant)
    return chosen


def languages_meant(name: str, known: Collection[str]) -> list[str]:
    """The languages that a name stands for: those of a region, or the one that it spells."""
    if name in REGIONS:
        return in_region(known, name)
    return [code for code in (name, canonical(name)) if code in known][:1]


def open_registry(tasks_from: Path | None) -> Registry:
    """The tasks of this installation and those of a file of the user's own (``--tasks-from``)."""
    return Registry(load_file(tasks_from) if tasks_from else ())
