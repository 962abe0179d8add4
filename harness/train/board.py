"""The log of a training as TensorBoard's event files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Board:
    """Writes what the log gets. It begins with what the log has already, so that a resumed training has each step once.

    Args:
        folder: Emptied first: what a killed process left may be ahead of the state that training goes on from.
        log: ``log.jsonl``, cut back to that state.
    """

    def __init__(self, folder: Path, log: Path) -> None:
        from torch.utils.tensorboard import SummaryWriter

        shutil.rmtree(folder, ignore_errors=True)
        self._writer = SummaryWriter(folder)
        for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else ():
            self.write(json.loads(line))

    def write(self, entry: Mapping[str, Any]) -> None:
        """Every number of one line of the log as a scalar of its step; dev sets one by one."""
        scalars = {**entry, **{f"dev/{name}": score for name, score in entry.get("parts", {}).items()}}
        for name, value in scalars.items():
            if name != "step" and isinstance(value, int | float):
                self._writer.add_scalar(name, value, entry["step"])

    def close(self) -> None:
        """Wait until everything is written."""
        self._writer.close()
