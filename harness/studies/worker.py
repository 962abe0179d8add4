"""The process that does one step: ``python -m xharness.studies.worker STORE STEP THREADS``.

Every executor starts this same command, so that what comes out does not depend on who started it. Ends with 0 if the
step is whole, with :data:`HELD` if somebody else works on it, with :data:`INTERRUPTED` if it was asked to end and has
saved its state, and with :data:`FAILED` if it failed; then the store tells why.
"""

from __future__ import annotations

import os
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xharness.studies.graph import Step
    from xharness.studies.lease import Lease
    from xharness.studies.store import Store
    from xharness.tasks.common.json_types import Json

DONE, FAILED, HELD, INTERRUPTED = 0, 1, 3, 75
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


def main(arguments: list[str]) -> int:
    """Do a step; its number of threads is fixed before anything heavy is imported."""
    root, step_id, threads = arguments
    os.environ |= dict.fromkeys(THREADS, threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from xharness.studies.store import Store

    return do_step(Store(Path(root)), step_id)


def do_step(store: Store, step_id: str) -> int:
    """Do a step, holding its lease.

    Returns:
        How the process should end.
    """
    from xharness.studies.lease import LeaseHeldError, LeaseLostError
    from xharness.tasks.common.errors import UserError
    from xharness.tasks.common.signals import as_ctrl_c, asked_to_end

    lease = store.lease(step_id)
    try:
        with asked_to_end(as_ctrl_c), lease.held():
            _bring_about(store, step_id, lease)
    except (LeaseHeldError, LeaseLostError) as error:
        print(f"left to others: {error}", flush=True)
        return HELD
    except KeyboardInterrupt:
        store.note("interrupted", step_id, host=socket.gethostname())
        print("interrupted: the same command continues", flush=True)
        return INTERRUPTED
    except UserError as error:
        print(str(error), flush=True)
        store.fail(step_id, error.what)
        return FAILED
    except Exception as error:
        traceback.print_exc()
        store.fail(step_id, f"{type(error).__name__}: {error}")
        return FAILED
    return DONE


def _bring_about(store: Store, step_id: str, lease: Lease) -> None:
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
    _run(store, step, out)
    seconds = round(time.time() - started, 1)
    store.publish(step, lease, {"seconds": seconds, "host": socket.gethostname()})
    store.note("finished", step_id, seconds=seconds, **who)


def _run(store: Store, step: Step, out: Path) -> None:
    """The step's own work."""
    from xharness.evaluation.reporter import Reporter
    from xharness.studies.steps import runner

    def say(text: str) -> None:
        print(text, flush=True)

    inputs = {role: store.output(parent) for role, parent in step.parents.items()}
    runner(step.kind)(step, inputs, out, Reporter(note=say))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
