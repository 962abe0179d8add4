"""Where steps run: one module each. All of them start the same command (:mod:`xharness.studies.worker`)."""

from __future__ import annotations

from importlib import import_module

from xharness.studies.executors.base import Executor, ExecutorOptions
from xharness.tasks.common.errors import UserError, suggestion

EXECUTORS = ("local", "ray", "slurm")


def open_executor(name: str, options: ExecutorOptions) -> Executor:
    """The executor of a name.

    Raises:
        UserError: an unknown name, a package that is not installed, or a cluster that cannot be reached.
    """
    if name not in EXECUTORS:
        raise UserError(f"unknown executor '{name}'", "steps run in one of these ways", suggestion(name, EXECUTORS))
    found: Executor = import_module(f"xharness.studies.executors.{name}").start(options)
    return found
