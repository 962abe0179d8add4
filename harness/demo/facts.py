"""What each phase of the demo did: steps, loss, English dev scores and time, read from the files that it left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xharness.checkpoints.provenance import FILE as MARK
from xharness.checkpoints.provenance import TRAINING_LOG as LOG


@dataclass(frozen=True)
class Facts:
    """One part of the demo, for the table.

    Attributes:
        seconds: In this call; None if it was finished before.
        loss: Of the last step; None where nothing is trained.
        dev: Scores on English dev after the last step, 0 to 100, by task.
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
        began: When this call started to train, as ``time.time`` has it.
    """
    found = []
    for folder in folders:
        ended = (folder / MARK).stat().st_mtime  # it is written last
        found.append(_facts(folder, ended - began if ended > began else None))
        began = max(began, ended)
    return found


def _facts(folder: Path, seconds: float | None) -> Facts:
    """What the log says; the folder is named after the tasks and a hash."""
    log: list[dict[str, Any]] = [json.loads(line) for line in (folder / LOG).read_text(encoding="utf-8").splitlines()]
    last = [entry for entry in log if "loss" in entry][-1]
    dev = {cell.partition(".")[0]: score for entry in log for cell, score in entry.get("parts", {}).items()}
    return Facts(folder.name.rpartition("-")[0], seconds, last["step"], last["loss"], dev)
