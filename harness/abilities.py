"""Which tasks a checkpoint can answer, read from its head and labels; where it cannot, why, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.checkpoint import Checkpoint, Head
from tasks.base import Kind, Task

NEEDED = {
    Kind.PAIR: Head.SEQUENCE,
    Kind.TAGGING: Head.TOKEN,
    Kind.SPAN: Head.SPAN,
    Kind.CHOICE: Head.CHOICE,
    Kind.RETRIEVAL: Head.ENCODER,
    Kind.MINING: Head.ENCODER,
}
ENOUGH_TAGS = 0.8  # taggers often lack a rare tag such as SYM; they can still be scored


@dataclass(frozen=True)
class Ability:
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
class Refusal:
    """A task that cannot be answered, the reason, and what to do about it."""

    task: Task
    reason: str
    fix: str


def match(task: Task, checkpoints: Mapping[str, Checkpoint]) -> Ability | Refusal:
    """Find the checkpoint that answers a task.

    Args:
        task: The task.
        checkpoints: From :func:`harness.checkpoint.find`: one under ``""``, or a suite by folder name.
    """
    if task.reader is None or task.kind not in NEEDED:
        return Refusal(task, f"{task.kind} can be scored, not answered", "use: xharness score PREDICTIONS LABELS")
    if "" in checkpoints:
        return fit(task, checkpoints[""])
    folders = task.suite_folders or (task.name,)
    refusals = []
    for folder in (folder for folder in folders if folder in checkpoints):
        found = fit(task, checkpoints[folder])
        if isinstance(found, Ability):
            return found
        refusals.append(found)
    return refusals[0] if refusals else Refusal(task, "the suite has no folder for it", f"add a folder {folders[0]}/")


def fit(task: Task, checkpoint: Checkpoint) -> Ability | Refusal:
    """Compare what a task needs with what one checkpoint has."""
    needed = NEEDED[task.kind]
    if needed is Head.ENCODER:
        return Ability(task, checkpoint)
    if checkpoint.head is not needed:
        has = "a bare encoder" if checkpoint.head is Head.ENCODER else checkpoint.head.removeprefix("AutoModelFor")
        return Refusal(
            task,
            f"needs a head for {task.kind} ({needed.removeprefix('AutoModelFor')}); the checkpoint is {has}",
            f"fine-tune it on {task.name} first, or give a suite with {(task.suite_folders or (task.name,))[0]}/",
        )
    if needed in (Head.SPAN, Head.CHOICE):
        return Ability(task, checkpoint)
    return _fit_labels(task, checkpoint)


def _fit_labels(task: Task, checkpoint: Checkpoint) -> Ability | Refusal:
    """Map the head's outputs to the task's labels by name."""
    ours = {label.lower(): label for label in task.labels}
    names = [name.strip().lower() for name in checkpoint.labels]
    mapped = tuple(ours.get(name) or ours.get(str(task.label_aliases.get(name)).lower()) for name in names)
    missing = [label for label in task.labels if label not in mapped]
    enough = len(task.labels) - len(missing) >= (1 if task.kind is Kind.PAIR else ENOUGH_TAGS) * len(task.labels)
    extra = [name for name, label in zip(checkpoint.labels, mapped, strict=True) if label is None]
    if enough and (task.kind is Kind.TAGGING or not extra):
        note = f"the head has no output for {', '.join(missing)}" if missing else ""
        return Ability(task, checkpoint, mapped, note)
    if all(re.fullmatch(r"label_\d+", name) for name in names) and len(names) == len(task.labels):
        return Refusal(
            task,
            f"the head's outputs have no names ({', '.join(checkpoint.labels[:3])}), so their order is unknown",
            f"set id2label in config.json to {', '.join(task.labels)} in the order of training",
        )
    shown = ", ".join(checkpoint.labels[:6]) + (", ..." if len(checkpoint.labels) > 6 else "")
    return Refusal(
        task,
        f"its labels ({shown}) are not those of {task.name} ({', '.join(task.labels[:6])})",
        f"fine-tune it on {task.name}, or correct id2label in config.json",
    )
