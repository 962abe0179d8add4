"""Steps as jobs of Slurm, by submitit: those that are ready together are one array.

A job that is to give way, or whose time is over, lets its step save its state and goes back to the queue under the same
number. The driver is not needed for that; without it jobs go on, and the same command waits for them.
"""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from typing import Any

from xharness.studies.executors.base import A_DAY, Ended, ExecutorOptions, Job
from xharness.studies.executors.child import Child
from xharness.tasks.common.errors import UserError

AT_A_TIME = 256
"""Jobs of one array that Slurm runs side by side, if the user does not say."""

WARNING = 120
"""Seconds between the signal and the end of a job: enough to save the state of a large model."""

TIMES = 20
"""How often a step may use up its time limit and go on in another job."""

LOOK = 1.0
"""Seconds between two looks at the files of results; Slurm itself is asked seldom, by submitit's rule."""


def start(options: ExecutorOptions) -> SlurmExecutor:
    """The executor.

    Raises:
        UserError: submitit is not installed, or there is no Slurm here.
    """
    try:
        import submitit
    except ImportError as error:
        why, fix = "the package submitit is not installed", "pip install 'xharness[slurm]', or use --executor local"
        raise UserError("cannot use --executor slurm", why, fix) from error
    folder = options.store.resolve() / "slurm"
    try:
        executor = submitit.SlurmExecutor(folder, max_num_timeout=TIMES)
    except RuntimeError as error:
        why, fix = "srun is not found", "run it where sbatch and srun work, such as a login node"
        raise UserError("there is no Slurm on this machine", why, fix) from error
    executor.update_parameters(**parameters(options))
    return SlurmExecutor(executor, options.jobs or AT_A_TIME, options.gpus)


def parameters(options: ExecutorOptions) -> dict[str, Any]:
    """What a job asks Slurm for, by submitit's names."""
    cluster = {"partition": options.partition} if options.partition else {}
    cards = {"gpus_per_node": options.gpus} if options.gpus else {}
    return {
        "job_name": "xharness",
        "time": options.time_limit or A_DAY,
        "cpus_per_task": options.threads * max(1, options.gpus),
        "signal_delay_s": WARNING,
        "array_parallelism": options.jobs or AT_A_TIME,
        "stderr_to_stdout": True,
        **cluster,
        **cards,
    }


class SlurmExecutor:
    """Jobs in Slurm's queue. Started ones are submitted together, when somebody first waits for one."""

    is_here = False

    def __init__(self, executor: Any, jobs: int, gpus: int) -> None:
        self._executor, self.jobs, self.gpus = executor, jobs, gpus
        self._ready: list[Job] = []
        self._running: dict[str, Any] = {}

    @property
    def room(self) -> int:
        """How many jobs may be submitted now."""
        return self.jobs - len(self._running) - len(self._ready)

    def start(self, job: Job) -> None:
        """Put a job among those that are submitted next."""
        self._ready.append(job)

    def ended(self, wait: float) -> list[Ended]:
        """Jobs that have ended since the last call.

        Raises:
            UserError: Slurm does not take a job.
        """
        self._submit()
        until = time.monotonic() + wait
        while True:
            found = [name for name, job in self._running.items() if job.done()]
            if found or time.monotonic() + LOOK > until:
                break
            time.sleep(LOOK)
        time.sleep(0 if found else max(0.0, until - time.monotonic()))
        return [_outcome(name, self._running.pop(name)) for name in found]

    def stop(self) -> None:
        """Cancel all jobs: Slurm asks them to end, and later makes them."""
        self._ready.clear()
        for job in self._running.values():
            job.cancel(check=False)
        self._running.clear()

    def _submit(self) -> None:
        if not self._ready:
            return
        import submitit

        jobs, self._ready = self._ready, []
        try:
            with self._executor.batch():
                submitted = [self._executor.submit(SlurmStep(job, self.gpus)) for job in jobs]
        except (submitit.core.utils.UncompletedJobError, submitit.core.utils.FailedSubmissionError, OSError) as error:
            why = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
            fix = "fix --partition, --time-limit, --gpus or --threads, and run the same command again"
            raise UserError("Slurm does not take the jobs", why, fix) from error
        self._running |= {job.step_id: one for job, one in zip(jobs, submitted, strict=True)}


def _outcome(step_id: str, job: Any) -> Ended:
    """How a job ended: as its step's process did, or as Slurm says if it left no result."""
    import submitit

    if not job.paths.result_pickle.exists() and job.state != "COMPLETED":
        return Ended(step_id, None, f"Slurm ended job {job.job_id}: {job.state}; its own log: {job.paths.stdout}")
    try:
        return Ended(step_id, job.result())
    except submitit.core.utils.UncompletedJobError as error:
        last = next((line for line in reversed(str(error).splitlines()) if line.strip("- ")), "")
        return Ended(step_id, None, f"Slurm job {job.job_id}: {last}; its own log: {job.paths.stdout}")


@dataclass
class SlurmStep:
    """What a job calls: the step's process. Pickled, so it holds paths and numbers only."""

    job: Job
    gpus: int
    _child: Child | None = field(default=None, init=False, repr=False)

    def __call__(self) -> int:
        """Run the step; how its process ended. SIGTERM, which submitit lets pass, is for the step."""
        self._child = Child(self.job, self.gpus)
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._ask_to_end())
        code = self._child.wait()
        assert code is not None
        return code

    def checkpoint(self) -> Any:
        """Let the step save its state; what is to be called when the job runs again."""
        import submitit

        if self._child is not None:
            self._child.end()
        return submitit.helpers.DelayedSubmission(SlurmStep(self.job, self.gpus))

    def _ask_to_end(self) -> None:
        if self._child is not None:
            self._child.ask_to_end()
