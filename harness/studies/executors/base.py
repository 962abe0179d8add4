"""What an executor is: it starts commands somewhere and says which have ended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xharness.tasks.common.errors import UserError

A_DAY = 24 * 60
"""Minutes."""


@dataclass(frozen=True, kw_only=True)
class ExecutorOptions:
    """What a user can say about where steps run.

    Attributes:
        store: The folder of the store, which every machine must see under this path.
        jobs: Steps at a time; None lets the executor decide.
        threads: Of each step on processors. The results of floating-point sums depend on it, so it is the same for
            every step, whatever the number of jobs.
        gpus: Of each step.
        address: Of a running cluster.
        time_limit: Minutes of one step, where the cluster wants to know; None is :data:`A_DAY`.
        partition: Where the cluster has several.
    """

    store: Path
    jobs: int | None = None
    threads: int = 1
    gpus: int = 0
    address: str | None = None
    time_limit: int | None = None
    partition: str | None = None

    def check(self, executor: str) -> None:
        """Refuse impossible values, and what the executor does not read.

        Raises:
            UserError: naming the option.
        """
        read_by = {"address": "ray", "partition": "slurm", "time-limit": "slurm"}
        for option, reads in read_by.items():
            given = getattr(self, option.replace("-", "_"))
            if given is not None and executor != reads:
                why = f"only {reads} reads it, and it would be ignored"
                raise UserError(f"--{option} with --executor {executor}", why, f"leave it out, or --executor {reads}")
        least = {"jobs": (self.jobs, 1), "threads": (self.threads, 1), "time-limit": (self.time_limit, 1)}
        for name, (value, lowest) in {**least, "gpus": (self.gpus, 0)}.items():
            if value is not None and value < lowest:
                raise UserError(f"--{name} is {value}", f"it must be at least {lowest}", "give a larger number")


@dataclass(frozen=True)
class Job:
    """A step as an executor sees it."""

    step_id: str
    store: Path
    threads: int
    log: Path

    def command(self, processes: int = 1, watched: int | None = None) -> Sequence[str]:
        """What every executor starts, on the machine where the step runs.

        ``-P``: no module is taken from the user's working folder, where a ``datasets.py`` may lie.

        Args:
            processes: That share the step, each with a card of its own.
            watched: Number of a process of that machine with which the step ends, too.
        """
        plain = [sys.executable, "-P", "-m", "xharness.studies.worker", str(self.store), self.step_id]
        shared = ["--processes", str(processes)] if processes > 1 else []
        with_it = ["--watch", str(watched)] if watched is not None else []
        return [*plain, "--threads", str(self.threads), *shared, *with_it]


@dataclass(frozen=True)
class Ended:
    """A job that has ended.

    Attributes:
        code: How its process ended; None if that is not known, because it was lost.
        reason: What is known besides.
    """

    step_id: str
    code: int | None
    reason: str = ""


class Executor(Protocol):
    """Starts jobs and says which have ended. It knows nothing of steps; what counts is in the store.

    Attributes:
        is_here: Its jobs run on this machine, where those of a driver that was killed may still run.
    """

    is_here: bool

    @property
    def room(self) -> int:
        """How many jobs may be started now."""

    def start(self, job: Job) -> None:
        """Start a job; it may wait in a queue of the cluster."""

    def ended(self, wait: float) -> list[Ended]:
        """Jobs that have ended since the last call; waits at most so many seconds for one."""

    def stop(self) -> None:
        """Ask all running jobs to save their state and end, and wait for them. Calling it again does nothing."""
