"""Can a checkpoint answer a task? Read from its head and labels; where it cannot, why, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError


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


def with_label_names(checkpoints: Mapping[str, Checkpoint], names: Sequence[str]) -> dict[str, Checkpoint]:
    """The checkpoints, with these names for the outputs of each head that has as many and no names of its own.

    Raises:
        UserError: there is no such head.
    """
    found = {
        name: replace(checkpoint, labels=tuple(names), labels_given=True)
        if is_nameless(checkpoint) and len(checkpoint.labels) == len(names)
        else checkpoint
        for name, checkpoint in checkpoints.items()
    }
    if not any(checkpoint.labels_given for checkpoint in found.values()):
        heads = (f"{each.name} has {', '.join(each.labels[:4]) or 'none'}" for each in found.values())
        raise UserError(
            f"--label-names {','.join(names)} fits no head",
            f"only {len(names)} outputs without names (LABEL_0, ...) can be named: {'; '.join([*heads][:3])}",
            "leave it out, or name as many as the head has outputs, in the order of training",
        )
    return found


def is_nameless(checkpoint: Checkpoint) -> bool:
    """Whether a head has outputs for labels, and only the names that transformers gives them: LABEL_0, ..."""
    labelled = checkpoint.head in (Head.SEQUENCE, Head.TOKEN)
    return labelled and all(re.fullmatch(r"label_\d+", name.strip().lower()) for name in checkpoint.labels)


def _mapped(task: Task, checkpoint: Checkpoint) -> tuple[str | None, ...]:
    """The task's label for each output of the head, whatever its case; None for others."""
    ours = {label.lower(): label for label in task.labels}
    names = [name.strip().lower() for name in checkpoint.labels]
    return tuple(ours.get(name) or ours.get(str(task.label_aliases.get(name)).lower()) for name in names)


def _other_labels(task: Task, checkpoint: Checkpoint) -> Incompatible:
    """Outputs without names, or with names of another task."""
    if is_nameless(checkpoint) and len(checkpoint.labels) == len(task.labels):
        return Incompatible(
            task,
            f"the head's outputs have no names ({', '.join(checkpoint.labels[:3])}), so their order is unknown",
            f"name them in the order of training, or in config.json: --label-names {','.join(task.labels)}",
        )
    shown = ", ".join(checkpoint.labels[:6]) + (", ..." if len(checkpoint.labels) > 6 else "")
    return Incompatible(
        task,
        f"its labels ({shown}) are not those of {task.name} ({', '.join(task.labels[:6])})",
        "correct --label-names"
        if checkpoint.labels_given
        else f"fine-tune it on {task.name}, or correct id2label in config.json",
    )
