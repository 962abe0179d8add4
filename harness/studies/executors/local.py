"""Steps as processes of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from itertools import cycle, islice

from xharness.studies.executors.base import Ended, ExecutorOptions, Job
from xharness.studies.executors.child import PATIENCE, start_process
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.text import plural

POLL = 0.05


def start(options: ExecutorOptions) -> LocalExecutor:
    """The executor. By default it uses every card, or all processors where there is none."""
    cards = _cards()
    if cards and options.gpus > len(cards):
        seen = f"{plural(len(cards), 'card')} can be seen here"
        raise UserError(f"--gpus {options.gpus} for each step", seen, f"--gpus {len(cards)}, or another executor")
    each = options.gpus or min(1, len(cards))
    default = len(cards) // each if each else (os.cpu_count() or 1) // options.threads
    return LocalExecutor(options.jobs or max(1, default), each, cards)


class LocalExecutor:
    """Up to ``jobs`` processes side by side, each with cards of its own; more jobs than there are cards share them."""

    is_here = True

    def __init__(self, jobs: int, gpus: int, cards: list[str]) -> None:
        self.jobs, self.gpus = jobs, gpus
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._free = list(islice(cycle(cards), max(len(cards), jobs * gpus)))
        self._cards: dict[str, list[str]] = {}

    @property
    def room(self) -> int:
        """How many processes may be started now."""
        return self.jobs - len(self._running)

    def start(self, job: Job) -> None:
        """Start a process in a session of its own: ctrl-C reaches it by :meth:`stop` only."""
        cards = self._free[: self.gpus]
        own = {"CUDA_VISIBLE_DEVICES": ",".join(cards)} if cards else {}
        self._running[job.step_id] = start_process(job, job.command(self.gpus), own)
        self._free = self._free[self.gpus :]
        self._cards[job.step_id] = cards

    def ended(self, wait: float) -> list[Ended]:
        """Processes that have ended since the last call."""
        until = time.monotonic() + wait
        while True:
            found = [(name, code) for name, process in self._running.items() if (code := process.poll()) is not None]
            if found or not self._running or time.monotonic() >= until:
                break
            time.sleep(POLL)
        for name, _ in found:
            del self._running[name]
            self._free = [*self._free, *self._cards.pop(name)]
        return [Ended(name, code, _reason(code)) for name, code in found]

    def stop(self) -> None:
        """Ask every process to end; kill those that do not."""
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        for process in self._running.values():
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


def _reason(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else ""


def _cards() -> list[str]:
    """Names of the cards that this process may use."""
    if shown := os.environ.get("CUDA_VISIBLE_DEVICES"):
        return [card for card in shown.split(",") if card != "-1"]
    import torch

    return [str(number) for number in range(torch.cuda.device_count())]
