"""The process that does one step: ``python -m xharness.studies.worker STORE STEP``.

Every executor starts this same command, so that what comes out does not depend on who started it. Ends with 0 if the
step is whole, with :data:`HELD` if somebody else works on it, with :data:`INTERRUPTED` if it was asked to end and has
saved its state, and with :data:`FAILED` if it failed; then the store tells why.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xharness.studies.lease import Lease, LeaseHeldError, LeaseLostError
from xharness.studies.process import when_gone
from xharness.tasks.common.errors import Interrupted, UserError
from xharness.tasks.common.locks import be_patient
from xharness.tasks.common.signals import as_ctrl_c_once, asked_to_end
from xharness.tasks.own_code import told_of

if TYPE_CHECKING:
    from xharness.studies.step_work import Work
    from xharness.studies.store import Store
    from xharness.tasks.common.json_types import Json

DONE, FAILED, HELD, INTERRUPTED = 0, 1, 3, 75
PATIENCE = 150.0
"""Seconds that a step waits for its folder: the lease is ours, and who had it before may still be saving."""

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


def main(arguments: Sequence[str]) -> int:
    """Do a step; its number of threads is fixed before anything heavy is imported."""
    chosen = _parse(arguments)
    os.environ |= dict.fromkeys(THREADS, str(chosen.threads))
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from xharness.studies.launched import launch, share
    from xharness.studies.step_work import do_work
    from xharness.studies.store import Store

    be_patient(PATIENCE)
    if chosen.watch is not None:
        when_gone(chosen.watch, ask_to_end)
    store = Store(chosen.store)
    if chosen.share:
        return attempt(store, chosen.step, lambda: share(store, chosen.step))
    work = do_work if chosen.processes == 1 else launch(chosen.processes)
    return do_step(store, chosen.step, work)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m xharness.studies.worker")
    parser.add_argument("store", type=Path)
    parser.add_argument("step")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1, help="that share the step, each with its own card")
    parser.add_argument("--share", action="store_true", help="one of those: who started it holds the lease")
    parser.add_argument("--watch", type=int, metavar="PROCESS", help="end, with the state saved, when it is gone")
    return parser.parse_args(arguments)


def ask_to_end() -> None:
    """Let this process save its state and end, as a cluster would."""
    os.kill(os.getpid(), signal.SIGTERM)


def do_step(store: Store, step_id: str, work: Work) -> int:
    """Do a step, holding its lease.

    Returns:
        How the process should end.
    """
    lease = store.lease(step_id)

    def hold() -> None:
        with lease.held(lost=ask_to_end):
            _bring_about(store, step_id, lease, work)

    try:
        return attempt(store, step_id, hold)
    except (LeaseHeldError, LeaseLostError) as error:
        _say(f"left to others: {error}")
        return HELD


def attempt(store: Store, step_id: str, act: Callable[[], None]) -> int:
    """Do something for a step; how the process should end. What goes wrong is recorded.

    Raises:
        LeaseHeldError, LeaseLostError: somebody else works on the step.
    """
    try:
        with asked_to_end(as_ctrl_c_once):
            act()
    except (LeaseHeldError, LeaseLostError):
        raise
    except (KeyboardInterrupt, Interrupted):
        _say("interrupted: the same command continues")
        return INTERRUPTED
    except UserError as error:
        _say(str(error))
        return _fail(store, step_id, error.what)
    except Exception as error:
        told = told_of(error)
        _say(str(told or traceback.format_exc()))
        return _fail(store, step_id, f"{told.what}: {told.why}" if told else f"{type(error).__name__}: {error}")
    return DONE


def _say(text: str) -> None:
    """For the log, if there is room for that."""
    with suppress(OSError):
        print(text, flush=True)


def _fail(store: Store, step_id: str, reason: str) -> int:
    """Record why a step failed, if there is room for that, unless a process of its own has."""
    with suppress(OSError, UserError):
        if not store.failure(step_id):
            store.fail(step_id, reason)
    return FAILED


def _bring_about(store: Store, step_id: str, lease: Lease, work: Work) -> None:
    """Do the step and publish it, unless it is whole."""
    from xharness.studies.store import OUTPUT

    if store.is_done(step_id):
        store.forget_work(step_id)
        return
    step = store.planned(step_id)
    started = time.time()
    who: dict[str, Json] = {"host": socket.gethostname(), "process": os.getpid(), "owner": lease.owner}
    store.note("started", step_id, **who)
    out = store.work(step_id) / OUTPUT
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        work(store, step, out)
    except (KeyboardInterrupt, Interrupted):
        with suppress(OSError):
            store.note("interrupted", step_id, **who)
        raise
    seconds = round(time.time() - started, 1)
    store.publish(step, lease, {"seconds": seconds, "host": socket.gethostname()})
    with suppress(OSError):  # it is whole all the same
        store.note("finished", step_id, seconds=seconds, **who)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
