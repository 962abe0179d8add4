"""A step that several processes of one machine share, each with its own card: torchrun starts them.

The worker that holds the lease launches them, publishes what they made and passes on that it is to end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from xharness.studies.executors.child import PATIENCE
from xharness.studies.graph import Step
from xharness.studies.step_work import Work, do_work
from xharness.studies.steps import is_shared
from xharness.studies.store import OUTPUT, Store
from xharness.tasks.common.errors import UserError

SIGNALS = {"TORCHELASTIC_SIGNALS_TO_HANDLE": "SIGTERM,SIGINT,SIGHUP,SIGQUIT,SIGUSR1,SIGUSR2"}
"""Torchrun passes on these; Slurm's reach all processes of a job, and would end torchrun before those it started."""

TIME_TO_SAVE = {"TORCH_ELASTIC_SHUTDOWN_TIMEOUT": str(round(PATIENCE - 10))}
"""Seconds that torchrun leaves its processes: nearly all that this one has itself."""

NO_FILE_OF_THE_WORKING_FOLDER = {"PYTHONSAFEPATH": "1"}
"""Is imported, neither by torchrun nor by what it starts."""


def launch(processes: int) -> Work:
    """What does a step by so many processes, if its kind can be shared; else by this one."""

    def work(store: Store, step: Step, out: Path) -> None:
        if is_shared(step.kind):
            _launch(store, step, processes)
        else:
            do_work(store, step, out)

    return work


def share(store: Store, step_id: str) -> None:
    """One process's part of a step."""
    do_work(store, store.planned(step_id), store.work(step_id) / OUTPUT)


def _launch(store: Store, step: Step, processes: int) -> None:
    """Start the processes and wait for them.

    Raises:
        UserError: one of them failed.
        KeyboardInterrupt: this process was asked to end; they have saved their state.
    """
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    own = ["-m", "xharness.studies.worker", str(store.root), step.id, "--share", "--watch", str(os.getpid())]
    threads = ["--threads", os.environ["OMP_NUM_THREADS"]]
    environment = {**os.environ, **SIGNALS, **TIME_TO_SAVE, **NO_FILE_OF_THE_WORKING_FOLDER}
    launched = subprocess.Popen([*torchrun, *own, *threads], env=environment)
    try:
        code = launched.wait()
    except KeyboardInterrupt:
        launched.send_signal(signal.SIGTERM)
        launched.wait()
        raise
    if code:
        what = f"one of {processes} processes that share the step ended early"
        raise UserError(what, "its last lines are in the step's log", "fix that, and run the same command again")
