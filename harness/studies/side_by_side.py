"""Pieces of work that do not wait for each other, at the same time on one machine: by a few processes, each in turn.

Every process is a fresh one in a session of its own, and does one piece after the other. It ends, with its state saved,
when the one that started it asks for that, and is gone a moment after that one is.
"""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeAlias

from xharness.evaluation.reporter import Reporter
from xharness.studies.executors.child import PATIENCE
from xharness.studies.process import when_gone
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.signals import as_ctrl_c, asked_to_end
from xharness.tasks.own_code import told_of

Work: TypeAlias = Callable[[Reporter], object]
"""Something that can be sent to another process, and that tells the reporter how far it is."""

LEAST = 0.005
"""Share of the work that is worth telling."""


@dataclass
class _Worker:
    """A process, what it does, and the pipe that brings it work.

    The pipe brings back how far it is (a number), a fact (text), what went wrong (an exception) and its end (None).
    """

    process: BaseProcess
    pipe: Connection
    doing: str = ""

    def give(self, waiting: deque[tuple[str, Work]]) -> None:
        """The next piece of work; where there is none, the process ends."""
        self.doing, work = waiting.popleft() if waiting else ("", None)
        with suppress(OSError):  # of one that is gone: its end is met where it is listened to
            self.pipe.send(work)


def do_side_by_side(
    works: Mapping[str, Work], jobs: int, reporter: Reporter, head: str, *, threads: int | None = None
) -> None:
    """Do all of the works, at most ``jobs`` at the same time, each beginning in its turn.

    Args:
        works: By their names in progress.
        head: What they are together, for progress.
        threads: Of torch in each process; None where it is not used.

    Raises:
        UserError: what the first that failed ended with; the others have saved their state.
        KeyboardInterrupt: this process was asked to end; the others have saved their state.
    """
    waiting, shares = deque(works.items()), dict.fromkeys(works, 0.0)
    workers: list[_Worker] = []
    try:
        for _ in range(min(jobs, len(works))):
            workers.append(_start(threads))
            workers[-1].give(waiting)
        while busy := {worker.pipe: worker for worker in workers if worker.doing}:
            for pipe in wait(list(busy)):
                assert isinstance(pipe, Connection)
                _listen(busy[pipe], waiting, shares, reporter)
            reporter.progress(_told(head, shares), sum(shares.values()) / len(shares))
        for worker in workers:
            worker.process.join(PATIENCE)  # its work is done: should it not manage to end, it is ended
    finally:
        _end(worker.process for worker in workers)


def _start(threads: int | None) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_do, args=(theirs, threads, os.getpid()))
    process.start()
    theirs.close()  # this process would keep it open otherwise, and never see its end
    return _Worker(process, ours)


def _listen(worker: _Worker, waiting: deque[tuple[str, Work]], shares: dict[str, float], reporter: Reporter) -> None:
    """Take one message, and give new work after the last one of the old.

    Raises:
        UserError: what the work failed with; or its process is gone.
    """
    try:
        said = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join()
        raise _gone(worker) from None
    if isinstance(said, Exception):
        raise said
    if isinstance(said, str):
        reporter.note(said)
    else:
        shares[worker.doing] = 1.0 if said is None else said
    if said is None:
        worker.give(waiting)


def _do(pipe: Connection, threads: int | None, parent: int) -> None:
    """What a process does: its work, and telling about it."""
    with suppress(OSError, AttributeError):  # there are no sessions on Windows
        os.setsid()
    when_gone(parent, lambda: os._exit(1))
    with suppress(KeyboardInterrupt), asked_to_end(as_ctrl_c):  # nobody listens any more to one that was asked
        try:
            _set_threads(threads)
            while work := pipe.recv():
                work(Reporter(_in_steps(pipe.send), pipe.send))
                pipe.send(None)
        except UserError as error:
            pipe.send(error)
        except Exception as error:
            pipe.send(told_of(error) or RuntimeError(traceback.format_exc()))


def _set_threads(threads: int | None) -> None:
    if threads:
        import torch

        torch.set_num_threads(threads)


def _in_steps(send: Callable[[float], None]) -> Callable[[str, float], None]:
    """Tells the share that is done, as often as it differs."""
    told = -1.0

    def progress(_what: str, share: float) -> None:
        nonlocal told
        if abs(share - told) >= LEAST:
            told = share
            send(share)

    return progress


def _told(head: str, shares: Mapping[str, float]) -> str:
    """What is being done: ``7 targets: xnli 40 %, pawsx 5 %``."""
    return (
        f"{head}: {', '.join(f'{name} {share:.0%}' for name, share in shares.items() if 0 < share < 1) or 'starting'}"
    )


def _gone(worker: _Worker) -> UserError:
    code = worker.process.exitcode or 0
    how = f"killed by signal {-code}, as the system does when memory is short" if code < 0 else f"ended with {code}"
    return UserError(
        f"the process of {worker.doing} is gone",
        f"it was {how}" if code < 0 else f"it {how}",
        "run the same command again: it continues; --jobs 1 needs less memory",
    )


def _end(processes: Iterable[BaseProcess]) -> None:
    """Ask what still runs to end, and kill what does not."""
    left = list(processes)
    for process in left:
        process.terminate()
    for process in left:
        process.join(PATIENCE)
        process.kill()
        process.join()
