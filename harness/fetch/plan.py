"""Which parts a list of names and languages means, and by which routes they may come."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache

from xharness.fetch import catalogue, catalogue_newer, catalogue_ranking, catalogue_training
from xharness.fetch.local import TASKS
from xharness.fetch.sources import DataPackage, Origin, SourceRoute
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.intermediate import INTERMEDIATE, PAPER
from xharness.tasks.packs import PACKS
from xharness.tasks.registry import BENCHMARKS, XTREME, Registry, languages_meant


@cache
def all_parts() -> dict[str, DataPackage]:
    """Every part by name, in the order in which tasks are fetched: what each ``*_parts`` of the catalogues yields."""
    modules = (catalogue, catalogue_ranking, catalogue_training, catalogue_newer)
    made = (found for module in modules for found in vars(module).items())
    return {part.name: part for name, maker in made if name.endswith("_parts") for part in maker()}


def groups() -> dict[str, tuple[str, ...]]:
    """Names that stand for several tasks."""
    named = {name: tuple(benchmark.languages) for name, benchmark in BENCHMARKS.items()}
    named |= XTREME.groups
    named["stilts"] = tuple(task.name for task in PAPER)
    named["intermediate"] = tuple(INTERMEDIATE)
    named |= {name: members for name, members in Registry().groups().items() if {*members} <= {*PACKS}}
    named["all"] = tuple(dict.fromkeys((*named["xtreme"], *named["xtreme-r"], *INTERMEDIATE)))
    return named


def select(
    names: Iterable[str], languages: Collection[str] | None
) -> tuple[list[DataPackage], dict[str, tuple[str, str]]]:
    """The parts that names and languages mean, and the names among them that have no source.

    XTREME's languages only, unless the name is ``xtreme-r``, ``all`` or a single part, or languages are given.

    Raises:
        UserError: an unknown name or language, or a single name that cannot be fetched.
    """
    named, parts = groups(), all_parts()
    tasks = {part.task for part in parts.values()} | {*TASKS}
    asked = [name.strip() for given in names for name in given.split(",") if name.strip()] or ["xtreme"]
    chosen: dict[str, DataPackage] = {}
    without: dict[str, tuple[str, str]] = {}
    for name in asked:
        if name not in named and name not in tasks and name not in parts:
            known = {*named, *tasks, *(part for part in parts if "/" not in part)}
            raise UserError(f"unknown task '{name}'", "no task or group has this name", suggestion(name, known))
        wide = name in ("xtreme-r", "all", *parts) or languages is not None
        for task in named.get(name, (name,)):
            if task in TASKS and (reason := TASKS[task].not_fetched):
                without[task] = reason
            for part in _of(task):
                if wide or _in_xtreme(part):
                    chosen[part.name] = part
    if not chosen and without:
        (task, (why, fix)) = next(iter(without.items()))
        raise UserError(f"{task} cannot be fetched", why, fix)
    ordered = [part for name, part in parts.items() if name in chosen]
    if languages is not None:
        there = {part.language for part in ordered}
        languages = {code for each in languages for code in languages_meant(each, there) or [each]}
    return [part for part in ordered if _spoken(part, ordered, languages)], without


def routes(part: DataPackage, origin: Origin | None) -> tuple[SourceRoute, ...]:
    """The routes that may be tried: with an origin only those, otherwise all but the ones that lose something."""
    if origin is None:
        return tuple(route for route in part.routes if not route.lossy)
    return tuple(route for route in part.routes if route.origin is origin)


def _of(task: str) -> list[DataPackage]:
    """The parts of a task, or of a single part's name, and of what it needs."""
    wanted = _needed(TASKS[task]) if task in TASKS else (task,)
    return [part for part in all_parts().values() if part.task in wanted or part.name in wanted]


def _needed(task: Task) -> tuple[str, ...]:
    """Tasks (and single parts) that belong to a name: what it is trained on comes along."""
    after = task.recipe.after if task.recipe else ""
    return (*(task.data_of or (task.name,)), *filter(None, (task.trains_on, after)))


def _in_xtreme(part: DataPackage) -> bool:
    """Whether XTREME scores this language, or it is not a cell of a task at all."""
    cells = XTREME.languages.get(part.task)
    return cells is None or part.language in cells or part.language == "en"


def _spoken(part: DataPackage, chosen: Collection[DataPackage], languages: Collection[str] | None) -> bool:
    """Whether a part is in one of the languages. What models train on is English, and always comes along."""
    if languages is None:
        return True
    known = {each.language for each in chosen}
    for language in sorted(set(languages) - known):
        raise UserError(
            f"unknown language '{language}'", "none of the chosen tasks has this language", suggestion(language, known)
        )
    return part.language in languages or (part.language == "en" and "train" in part.splits)
