"""What each phase of a chain did: steps, loss, dev scores and time, read from the files that it left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xharness.checkpoints.provenance import FILE as MARK
from xharness.checkpoints.provenance import TRAINING_LOG as LOG
from xharness.checkpoints.provenance import read, tasks_of
from xharness.train.loop.metric_logging import read_log


@dataclass(frozen=True)
class Facts:
    """One phase, or another part of a chain, for a table.

    Attributes:
        seconds: In this call; None if it was finished before.
        loss: Of the last step; None where nothing is trained.
        dev: Scores on dev after the last step, 0 to 100, by task.
    """

    name: str
    seconds: float | None
    steps: int | None = None
    loss: float | None = None
    dev: dict[str, float] = field(default_factory=dict)


def facts_of_phases(folders: Sequence[Path], began: float) -> list[Facts]:
    """Facts of finished phases.

    Args:
        folders: In the order of training.
        began: When this call started to train, as ``time.time`` has it. Phases may have been trained side by side; of
            those that do not tell their time, each begins when the one before has ended.
    """
    found, free = [], began
    for folder in folders:
        ended = finished_at(folder)
        found.append(_facts(folder, (_worked(folder) or ended - free) if ended > began else None))
        free = max(free, ended)
    return found


def finished_at(folder: Path) -> float:
    """When a phase was finished, as ``time.time`` has it."""
    return (folder / MARK).stat().st_mtime  # it is written last


def _worked(folder: Path) -> float | None:
    """The seconds that the phase took; None of one that an earlier version trained."""
    members = [folder, *sorted(path.parent for path in folder.glob(f"*/{MARK}"))]
    record = read(members[-1])
    return record.get("seconds") if record else None


def _facts(folder: Path, seconds: float | None) -> Facts:
    """What the log says, as far as there is one."""
    name = "+".join(_tasks(folder)) or folder.name
    log = read_log(folder / LOG)
    last: dict[str, Any] = next((entry for entry in reversed(log) if "loss" in entry), {})
    dev = {cell.partition(".")[0]: score for entry in log for cell, score in entry.get("parts", {}).items()}
    return Facts(name, seconds, last.get("step"), last.get("loss"), dev)


def _tasks(folder: Path) -> list[str]:
    """What a phase trained on; the checkpoints of a mixture lie one deeper, and its own record is no checkpoint's."""
    inner = sorted(path.parent.name for path in folder.glob(f"*/{MARK}"))
    record = None if inner else read(folder)
    return tasks_of(record) if record else inner


def phases_of_suite(suite: Path, phases: Path) -> list[Path]:
    """The phases that a suite of links leads to, in the order in which they were finished.

    Args:
        phases: The folder that they lie in; a mixture's checkpoints lie one deeper.
    """
    home = phases.resolve()
    checkpoints = [link.resolve() for link in suite.iterdir()]
    found = {home / path.relative_to(home).parts[0] for path in checkpoints if path.is_relative_to(home)}
    return sorted(found, key=lambda folder: (finished_at(folder), folder.name))
