"""Can a checkpoint answer a task? Read from its head and labels; where it cannot, why, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.tasks.base import Task


@dataclass(frozen=True)
class Compatible:
    """A task and the checkpoint that answers it.

    Attributes:
        labels: The task's label for each output of the head; None for an output that the task does not have.
        note: What a user should know, for example a tag that the head lacks.
    """

    task: Task
    checkpoint: Checkpoint
    labels: tuple[str | None, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Incompatible:
    """A task that cannot be answered, the reason, and what to do about it."""

    task: Task
    reason: str
    fix: str


def has_head(task: Task, checkpoint: Checkpoint, needed: Head) -> Compatible | Incompatible:
    """Whether the head is the one needed; every checkpoint has an encoder."""
    if needed in (Head.ENCODER, checkpoint.head):
        return Compatible(task, checkpoint)
    learned = task.name if task.recipe or not task.trains_on else task.trains_on
    has = "a bare encoder" if checkpoint.head is Head.ENCODER else checkpoint.head.removeprefix("AutoModelFor")
    return Incompatible(
        task,
        f"needs a head for {task.type.title} ({needed.removeprefix('AutoModelFor')}); the checkpoint is {has}",
        f"fine-tune it on {learned} first, or give a suite with {(task.suite_folders or (task.name,))[0]}/",
    )


def fit_labels(
    task: Task, checkpoint: Checkpoint, needed: Head, *, enough: float = 1, more: bool = False
) -> Compatible | Incompatible:
    """Whether the head is the one needed and its outputs are the task's labels, by name.

    Args:
        enough: Share of the task's labels that the head must have.
        more: Whether the head may have outputs that the task does not have.
    """
    found = has_head(task, checkpoint, needed)
    if isinstance(found, Incompatible):
        return found
    mapped = _mapped(task, checkpoint)
    missing = [label for label in task.labels if label not in mapped]
    fits = len(task.labels) - len(missing) >= enough * len(task.labels)
    if fits and (more or None not in mapped):
        note = f"the head has no output for {', '.join(missing)}" if missing else ""
        return Compatible(task, checkpoint, mapped, note)
    return _other_labels(task, checkpoint)


def _mapped(task: Task, checkpoint: Checkpoint) -> tuple[str | None, ...]:
    """The task's label for each output of the head, whatever its case; None for others."""
    ours = {label.lower(): label for label in task.labels}
    names = [name.strip().lower() for name in checkpoint.labels]
    return tuple(ours.get(name) or ours.get(str(task.label_aliases.get(name)).lower()) for name in names)


def _other_labels(task: Task, checkpoint: Checkpoint) -> Incompatible:
    """Outputs without names, or with names of another task."""
    names = [name.strip().lower() for name in checkpoint.labels]
    if all(re.fullmatch(r"label_\d+", name) for name in names) and len(names) == len(task.labels):
        return Incompatible(
            task,
            f"the head's outputs have no names ({', '.join(checkpoint.labels[:3])}), so their order is unknown",
            f"set id2label in config.json to {', '.join(task.labels)} in the order of training",
        )
    shown = ", ".join(checkpoint.labels[:6]) + (", ..." if len(checkpoint.labels) > 6 else "")
    return Incompatible(
        task,
        f"its labels ({shown}) are not those of {task.name} ({', '.join(task.labels[:6])})",
        f"fine-tune it on {task.name}, or correct id2label in config.json",
    )
