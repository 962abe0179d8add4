"""Where training stands, and how a saved state tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from xharness.tasks.common.json_files import JsonError, read_json
from xharness.tasks.common.sealed import is_broken

POSITION = "position.json"


@dataclass
class TrainingProgress:
    """Where training stands.

    Attributes:
        step: Optimizer steps done.
        best: Best dev score so far, from 0 to 100; None before the first.
        best_step: The step of it.
        best_sha256: Hash of the file with the weights of that step; empty before the first, and in states of before.
        waited: Evaluations since then.
        developed: The last step that was evaluated on dev.
        tokens: Seen, padding not counted.
        processes: How many processes trained together, one number after the other if training continued with others.
        log_bytes: Length of the log.
        log_sha256: Hash of it; empty in states of before.
        threads: Of the main process, likewise: sums of another number of threads round in another order.
        loss_scale: State of the factor of fp16's losses; empty in other precisions.
        budget: Tokens of a micro-batch that memory had room for, if it ran short; 0 if it did not. Rounding, and where
            masks of dropout belong to micro-batches the masks, depend on it.
        padding: Whether it was computed, one after the other if that changed.
    """

    step: int = 0
    best: float | None = None
    best_step: int = 0
    best_sha256: str = ""
    waited: int = 0
    developed: int = 0
    tokens: int = 0
    processes: list[int] = field(default_factory=list)
    log_bytes: int = 0
    log_sha256: str = ""
    threads: list[int] = field(default_factory=list)
    loss_scale: dict[str, float] = field(default_factory=dict)
    budget: int = 0
    padding: list[bool] = field(default_factory=list)


def read_position(state: Path) -> tuple[TrainingProgress | None, Any]:
    """The position of a state and the hashes of its files.

    Returns:
        No position if its file is damaged; no hashes if it is of before there were any.
    """
    try:
        record = read_json(state / POSITION)
    except (FileNotFoundError, JsonError):
        return None, None
    if not isinstance(record, dict) or is_broken(record):
        return None, None
    values = {name: record[name] for name in POSITION_TYPES if name in record}
    if not all(isinstance(value, POSITION_TYPES[name]) for name, value in values.items()) or "step" not in values:
        return None, None
    # Earlier versions did not write what was evaluated.
    return TrainingProgress(**{"developed": record["step"], **values}), record.get("files")


POSITION_TYPES: Mapping[str, Any] = {
    **{each.name: int for each in fields(TrainingProgress)},
    "best": float | int | None,
    "best_sha256": str,
    "processes": list,
    "threads": list,
    "padding": list,
    "loss_scale": dict,
    "log_sha256": str,
}
