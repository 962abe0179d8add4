"""Steps as tasks of a Ray cluster.

A task is thin: it starts the step's own process on its node, waits, and returns how that ended. When a node is lost,
Ray runs its tasks again elsewhere, and each goes on from what the step has saved. The driver owns its tasks: without
it they end, with their state saved.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from xharness.studies.executors.base import Ended, ExecutorOptions, Job
from xharness.studies.executors.child import PATIENCE, Child
from xharness.studies.executors.ray_cluster import answers, connect, nodes, room_of
from xharness.tasks.common.errors import UserError

RETRIES = 2
"""How often Ray runs a task again whose node or process was lost."""

LOOK = 5.0
"""Seconds between two looks at the head and the nodes; Ray ends this process a minute after it has lost the head."""

ALONE = 120.0
"""Seconds without a node that can run a step after which nobody waits for one."""


def start(options: ExecutorOptions) -> RayExecutor:
    """The executor.

    Raises:
        UserError: Ray is not installed, cannot be reached, or has no node that can run a step.
    """
    return RayExecutor(connect(options), options)


class RayExecutor:
    """As many steps as the nodes have room for, or fewer if the user says so."""

    is_here = False

    def __init__(self, ray: Any, options: ExecutorOptions) -> None:
        self._ray, self._options = ray, options
        self._head = ray.get_runtime_context().gcs_address
        self._task = ray.remote(run_job)
        self._needs = {"num_cpus": options.threads, "num_gpus": options.gpus}
        self._running: dict[Any, str] = {}
        self._looked = self._fit = float("-inf")
        self._room = 0
        self._stopped = False

    @property
    def room(self) -> int:
        """How many more steps may be started; one of them at least may wait for a node."""
        self._look()
        fit = max(1, self._room)
        return min(self._options.jobs or fit, fit) - len(self._running)

    def start(self, job: Job) -> None:
        """Hand a step to the cluster."""
        task = self._task.options(name=job.step_id, max_retries=RETRIES, retry_exceptions=False, **self._needs)
        paths = str(job.store), str(job.log)
        self._running[task.remote(job.step_id, *paths, job.threads, self._options.gpus)] = job.step_id

    def ended(self, wait: float) -> list[Ended]:
        """Tasks that have ended since the last call.

        Raises:
            UserError: the cluster's head, or every node, is gone.
        """
        self._look()
        if not self._running:
            return []
        waiting = list(self._running)
        self._ray.wait(waiting, num_returns=1, timeout=wait)
        found, _ = self._ray.wait(waiting, num_returns=len(waiting), timeout=0)
        return [self._outcome(reference, self._running.pop(reference)) for reference in found]

    def stop(self) -> None:
        """Cancel all tasks, which lets their processes save their state, and leave the cluster."""
        if self._stopped:
            return
        self._stopped = True
        waiting = list(self._running)
        self._running.clear()
        for reference in waiting:
            self._ray.cancel(reference, force=False)
        if waiting:
            self._ray.wait(waiting, num_returns=len(waiting), timeout=PATIENCE + LOOK)
        self._ray.shutdown()

    def _outcome(self, reference: Any, step_id: str) -> Ended:
        try:
            return Ended(step_id, self._ray.get(reference))
        except self._ray.exceptions.RayTaskError as error:  # the function's own
            return Ended(step_id, None, f"it could not be started: {error.cause}")
        except self._ray.exceptions.RayError as error:
            return Ended(step_id, None, f"Ray lost it: {str(error).partition(chr(10))[0]}")

    def _look(self) -> None:
        """See whether the head answers and which nodes live, every few seconds."""
        if self._stopped or time.monotonic() - self._looked < LOOK:
            return
        if not answers(self._head):
            self._stopped = True  # there is nobody to cancel anything with
            self._lost(f"the head of the Ray cluster at {self._head} is gone", "it does not answer any more")
        self._room = sum(room_of(node, self._options) for node in nodes(self._ray))
        self._looked = time.monotonic()
        self._fit = self._looked if self._room or self._fit < 0 else self._fit
        if self._looked - self._fit > ALONE:
            self._lost(f"the Ray cluster at {self._head} has lost its nodes", f"none came back in {ALONE:.0f} seconds")

    def _lost(self, what: str, why: str) -> None:
        fix = "start the cluster again, and run the same command: it continues; running steps save their state"
        raise UserError(what, why, fix)


def run_job(step_id: str, store: str, log: str, threads: int, gpus: int) -> int:
    """Runs on a node: the step's process. It ends with this one, and saves its state if the task is cancelled."""
    child = Child(Job(step_id, Path(store), threads, Path(log)), gpus)
    try:
        child.wait()
    finally:
        child.end()
    assert child.code is not None
    return child.code
