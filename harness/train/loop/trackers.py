"""Experiment trackers by name, as accelerate has them: TensorBoard's event files, Weights & Biases, trackio, ..."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xharness.tasks.common.errors import UserError, first_line
from xharness.train.loop.metric_logging import MetricLogger

PROJECT = "xharness"
TENSORBOARD = "tensorboard"


@contextmanager
def without_trainer() -> Iterator[None]:
    """Let trackers work where no trainer has set accelerate up, and leave it as it was for one that comes."""
    from accelerate.state import PartialState

    fresh = not PartialState._shared_state
    if fresh:
        PartialState(cpu=True)
    try:
        yield
    finally:
        if fresh:
            PartialState._reset_state()


@dataclass(frozen=True)
class Trackers:
    """Trackers of one training.

    Attributes:
        names: As accelerate knows them, one of each.
        folder: Of the checkpoint. Its name is that of the run; trackers that write files write them there.
    """

    names: Sequence[str]
    folder: Path

    def start(self) -> list[MetricLogger]:
        """Start a run of each.

        Raises:
            UserError: one cannot be started, as without an account that it needs.
        """
        if (
            TENSORBOARD in self.names
        ):  # what a killed process left may be ahead of the state that training continues from
            shutil.rmtree(self.folder / TENSORBOARD, ignore_errors=True)
        return [self._started(name) for name in self.names]

    def _started(self, name: str) -> MetricLogger:
        from accelerate.tracking import LOGGER_TYPE_TO_CLASS

        kind = LOGGER_TYPE_TO_CLASS[name]
        try:
            tracker: Any = kind(*self._place(name, kind.requires_logging_directory), **self._run(name))
            tracker.main_process_only = False  # this is the main process; asking accelerate would choose its device
            tracker.start()
        except Exception as error:  # of many types: accounts, networks, files
            why = first_line(error)
            fix = f"set {name} up as its documentation says, or leave it out: training.jsonl has the same numbers"
            raise UserError(f"cannot start the tracker {name}", why, fix) from error
        return tracker  # type: ignore[no-any-return]

    def _place(self, name: str, in_a_folder: bool) -> tuple[str | Path, ...]:
        """Project, and folder where a tracker takes one; event files are in a folder named after it."""
        if name == TENSORBOARD:
            return TENSORBOARD, self.folder
        return (PROJECT, self.folder) if in_a_folder else (PROJECT,)

    def _run(self, name: str) -> Mapping[str, str]:
        """Name of the run, for trackers that take one beside that of the project."""
        return {"name": self.folder.name} if name in ("wandb", "trackio") else {}
