"""Which tasks a package declares: every module of it with a ``TASK``, or several ``TASKS``, at its top level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from pkgutil import iter_modules

from xharness.tasks.base import Task


def tasks_in(package: str, path: Iterable[str], *, first: Sequence[str] = ()) -> dict[str, Task]:
    """The tasks of a package's own modules by name; sub-packages are not looked into.

    Args:
        package: Its import name.
        path: Its ``__path__``.
        first: Tasks that come first, in this order; the rest follows by name.
    """
    modules = (import_module(f"{package}.{found.name}") for found in iter_modules(path) if not found.ispkg)
    declared = [task for module in modules for task in (getattr(module, "TASK", None), *getattr(module, "TASKS", ()))]
    tasks = {task.name: task for task in declared if isinstance(task, Task)}
    return {name: tasks[name] for name in (*first, *sorted(tasks.keys() - {*first}))}
