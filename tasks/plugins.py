"""Tasks from outside: those of a Python file, and those that installed packages offer as entry points."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from xharness.tasks.base import Recipe, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.keys import content_key
from xharness.tasks.declared import declared_tasks
from xharness.tasks.types.base import TaskType

GROUP = "xharness.tasks"
OWN_MODULE = "xharness_tasks_from_"
"""How names of modules begin that stand for files of the user's own."""


def load_file(path: Path) -> list[Task]:
    """Tasks declared in a TOML file, or at the top level of a Python file, of the user's own (``--tasks-from``).

    The same Python file is run once, so that its classes are the same ones everywhere.

    Raises:
        UserError: it cannot be run, or what it declares is not a task.
    """
    if not path.is_file():
        raise UserError(f"no task file at {path}", "--tasks-from takes a Python or TOML file", "check the path")
    own = declared_tasks(path) if path.suffix.lower() == ".toml" else _of_module(_module(path))
    if not own:
        raise UserError(
            f"{path} declares no task",
            "it has no xharness.tasks.base.Task at its top level",
            "see docs/adding-a-task.md",
        )
    for task in own:
        if wrong := _wrong(task):
            raise UserError(f"{path} declares a task that cannot be one", wrong, "see docs/adding-a-task.md")
    return own


def from_entry_points(taken: Iterable[str]) -> list[Task]:
    """Tasks that installed packages offer under the entry point group ``xharness.tasks``.

    One that cannot be used is named on stderr, once, and left out: a broken package must not break the others.

    Args:
        taken: Names that a task cannot have.
    """
    names, found = {*taken}, []
    for entry in entry_points(group=GROUP):
        tasks, wrong = _offered(entry)
        for task in tasks:
            if task.name in names:
                wrong = f"there is a task '{task.name}' already"
                continue
            names.add(task.name)
            found.append(task)
        if wrong:
            tell(f"note: tasks of {entry.value} left out: {wrong}")
    return found


def _of_module(module: ModuleType) -> list[Task]:
    """The tasks at the top level of a module, without those of this package that it has imported."""
    return [value for value in vars(module).values() if isinstance(value, Task) and not _is_ours(value)]


def _module(path: Path) -> ModuleType:
    """The module of a file; known to ``sys.modules``, where dataclasses and plug-ins look for it."""
    told = content_key({"path": str(path.resolve()), "text": path.read_text(encoding="utf-8", errors="replace")})
    stem = re.sub(r"\W", "_", path.stem)
    name = f"{OWN_MODULE}{stem}_{told[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        why = "--tasks-from takes a Python file (.py) or a TOML file (.toml)"
        raise UserError(f"cannot import {path}", why, "rename the file")
    return _run(path, spec)


def _run(path: Path, spec: ModuleSpec) -> ModuleType:
    """Run a file as a module. Raises UserError with whatever its code raised."""
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        assert spec.loader is not None
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[spec.name]
        why = f"{type(error).__name__}: {error}"
        raise UserError(f"cannot import {path}", why, "run it with python first") from error
    return module


def _is_ours(task: Task) -> bool:
    """Whether a task is one of this package that a file has imported."""
    modules = [module for name, module in sys.modules.items() if name.startswith(f"{GROUP}.")]
    return any(task is getattr(module, "TASK", None) for module in modules)


def _offered(entry: EntryPoint) -> tuple[list[Task], str]:
    """The tasks of an entry point, and what is wrong with it; empty if nothing."""
    try:
        loaded = entry.load()
        tasks = [loaded] if isinstance(loaded, Task) else list(loaded)
    except (Exception, SystemExit) as error:
        return [], " ".join(f"{type(error).__name__}: {error}".split())
    wrong = [_wrong(task) if isinstance(task, Task) else f"{task!r} is not a Task" for task in tasks]
    return [task for task, said in zip(tasks, wrong, strict=True) if not said], "; ".join(filter(None, wrong))


@cache
def tell(line: str) -> None:
    """A line on stderr, once a process."""
    print(line, file=sys.stderr)


def _wrong(task: Task) -> str:
    """What in a declaration cannot be; empty if nothing. Names become folders and files, so they must be plain."""
    names = (task.name, *task.languages) if isinstance(task.languages, tuple) else (task.name,)
    strange = next((name for name in names if not isinstance(name, str) or not re.fullmatch(r"\w[\w.-]*", name)), None)
    if strange is not None:
        return f"the name {strange!r} is not of letters, digits, and . _ - inside"
    if not isinstance(task.languages, tuple) or not task.languages:
        return f"{task.name}: languages must be a tuple of names"
    kinds = {"type": TaskType, "title": str, "group": str, "max_length": int, "labels": tuple}
    for field, kind in kinds.items():
        if not isinstance(getattr(task, field), kind):
            return f"{task.name}: {field} must be of type {kind.__name__}"
    if task.max_length < 1 or not all(isinstance(label, str) for label in task.labels):
        return f"{task.name}: max_length must be positive, and labels texts"
    if not all(isinstance(recipe, Recipe | None) for recipe in (task.recipe, task.jiant)):
        return f"{task.name}: its recipe must be of type Recipe"
    needed = {
        "metric": ("name", "columns", "official_scores", "primary_scores", "measure", "aggregate"),
        "reader": ("find", "read"),
    }
    for field, members in needed.items():
        part = getattr(task, field)
        lacking = [member for member in members if part is not None and not hasattr(part, member)]
        if lacking or (part is None and field == "metric"):
            return f"{task.name}: its {field} has no {', '.join(lacking) or members[0]}"
    return ""
