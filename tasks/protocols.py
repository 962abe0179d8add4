"""Retrieval under a protocol that a user names: the tasks that have it, as it answers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion

FROZEN = "frozen"
"""The encoder as it is: no protocol of a task's own."""


def under_protocol(known: Mapping[str, Task], name: str) -> dict[str, Task]:
    """The tasks that have a protocol of this name, each answered by the members of a suite that it wants.

    Args:
        known: Every task by name, those that are only trained on as well.

    Raises:
        UserError: no task has such a protocol; with a suggestion.
    """
    if name == FROZEN:
        return {}
    names = {each for task in known.values() for each in task.protocols}
    if name not in names:
        told = ", ".join((FROZEN, *sorted(names)))
        raise UserError(f"unknown protocol '{name}'", f"there are {told}", suggestion(name, (FROZEN, *names)))
    return {
        task.name: replace(task, protocol=name, suite_folders=known[task.protocols[name].trained_on].suite_folders)
        for task in known.values()
        if name in task.protocols
    }
