"""An executor for tests: steps run one after the other in the process of the test."""

from __future__ import annotations

from xharness.studies.executors.base import Ended, Job
from xharness.studies.step_work import do_work
from xharness.studies.store import Store
from xharness.studies.worker import do_step


class InlineExecutor:
    """Runs a job when it is started."""

    is_here = False

    def __init__(self) -> None:
        self.started: list[str] = []
        self._ended: list[Ended] = []

    @property
    def room(self) -> int:
        """One at a time."""
        return 1 - len(self._ended)

    def start(self, job: Job) -> None:
        """Run it to its end."""
        self.started.append(job.step_id)
        self._ended.append(Ended(job.step_id, do_step(Store(job.store), job.step_id, do_work)))

    def ended(self, wait: float) -> list[Ended]:
        """The one that was run."""
        del wait
        found, self._ended = self._ended, []
        return found

    def stop(self) -> None:
        """Nothing runs."""
