"""The process of a step, as the executors start it and ask it to end."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

from xharness.studies.executors.base import Job

POLL = 0.1
PATIENCE = 120.0
"""Seconds that a process has to save its state before it is killed; what it saved before stays."""


def start_process(job: Job, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a step's process in a session of its own; what it prints goes to the step's log.

    Raises:
        OSError: it cannot be started, or the log cannot be written.
    """
    job.log.parent.mkdir(parents=True, exist_ok=True)
    with job.log.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
        )


class Child:
    """A step's process that ends with this one, and may be asked to end from a handler of a signal.

    Such a handler must not wait for a lock that the code which it interrupted may hold, as ``Popen.wait`` does: a
    thread waits for the process, and everybody else looks at :attr:`code`.

    Attributes:
        code: How it ended; None as long as it runs.
    """

    def __init__(self, job: Job, processes: int) -> None:
        self.code: int | None = None
        self._process = start_process(job, job.command(processes, watched=os.getpid()), {})
        threading.Thread(target=self._wait, daemon=True).start()

    def wait(self, seconds: float = float("inf")) -> int | None:
        """Wait at most so long; how it ended, None if it runs still."""
        until = time.monotonic() + seconds
        while self.code is None and time.monotonic() < until:
            time.sleep(POLL)
        return self.code

    def ask_to_end(self) -> None:
        """Let it save its state and end."""
        if self.code is None:
            self._process.terminate()

    def end(self) -> None:
        """Ask it to end, and kill it if it does not."""
        self.ask_to_end()
        if self.wait(PATIENCE) is None:
            self._process.kill()
            self.wait()

    def _wait(self) -> None:
        self.code = self._process.wait()
