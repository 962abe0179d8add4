"""Writes the demo world to disk, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from xharness.demo.files import SIZES, File, World
from xharness.demo.whole import make_whole
from xharness.evaluation.reporter import Reporter
from xharness.studies.side_by_side import do_side_by_side
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.intermediate import INTERMEDIATE, PAPER, mlm
from xharness.tasks.packs import PACKS
from xharness.tasks.registry import XTREME, benchmark, built_in

__all__ = ["SIZES", "World", "files", "write_world"]

Maker: TypeAlias = Callable[[World, Task], Iterator[File]]


def files(world: World, *names: str) -> Iterator[File]:
    """Every file of the world, or of the tasks with these names, task by task."""
    for task in tasks_of(world):
        if task.demo and (not names or task.name in names):
            yield from maker(task)(world, task)


def tasks_of(world: World) -> list[Task]:
    """The tasks of the benchmark, what models are trained on for them, and what comes before."""
    scored = [built_in()[name] for name in world.benchmark.languages]
    before = {name for task in scored if task.recipe for name in (task.trains_on, task.recipe.after) if name}
    wanted = {*before, mlm.TASK.name, *(task.name for task in PAPER)}
    newer = PACKS.values() if world.newer else ()
    return [*scored, *(task for name, task in INTERMEDIATE.items() if name in wanted), *newer]


def maker(task: Task) -> Maker:
    """What writes the files of a task that has any in the demo world: the function that the task names."""
    module, _, function = task.demo.partition(":")
    found: Maker = getattr(import_module(f"xharness.demo.{module}"), function)
    return found


def write_world(
    folder: Path,
    *,
    seed: int = 0,
    size: str = "demo",
    version: str = XTREME.name,
    newer: bool = False,
    jobs: int = 1,
) -> None:
    """Make ``folder`` hold the world: ``download/``, ``labels/``, ``intermediate/`` and ``text/``.

    Returns at once if it does already.

    Args:
        jobs: Processes that share the work; what they write is the same for any number.

    Raises:
        UserError: The size or the benchmark is unknown, or the folder holds something else.
    """
    if size not in SIZES:
        raise UserError(f"unknown size '{size}'", "the demo world comes in fixed sizes", suggestion(size, SIZES))
    world = World(seed, size, benchmark(version).name, newer)

    def write(part: Path) -> None:
        if jobs == 1:
            return _write(part, world)
        made = [task.name for task in reversed(tasks_of(world)) if task.demo]  # text, the longest, comes first
        works = {name: partial(_write_for, part, world, name) for name in made}
        return do_side_by_side(works, jobs, Reporter(), "the world")

    more = {"newer": True} if newer else {}
    make_whole(folder, {"seed": seed, "size": size, "version": version, **more}, write)


def _write(folder: Path, world: World, *names: str) -> None:
    for file in files(world, *names):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.text.encode())


def _write_for(folder: Path, world: World, name: str, _reporter: Reporter) -> None:
    """What another process does."""
    _write(folder, world, name)
