"""Trainings of several processes, as a launcher starts them: each in a process of its own, over the loopback."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import transformers.models.xlm_roberta.modeling_xlm_roberta  # noqa: F401  # the demo's; imported before forking
from torch.distributed import TCPStore  # type: ignore[attr-defined]

import xharness.train.loop.trainer as trainer
from xharness.evaluation.evaluate import Reporter
from xharness.studies.chain import run_chain
from xharness.studies.chain_options import ChainOptions
from xharness.tasks.common.errors import UserError
from xharness.train.finetune import finetune
from xharness.train.loop.learner import Learner
from xharness.train.loop.micro_batches import MicroBatch
from xharness.train.options import FinetuneOptions

Training = FinetuneOptions | ChainOptions


@dataclass(frozen=True)
class Disturbance:
    """What happens to the process of a number in the middle of a step, before its gradient is summed."""

    number: int
    step: int
    kind: str


@dataclass(frozen=True)
class End:
    """How a process ended."""

    exitcode: int
    error: UserError | None
    told_elsewhere: bool
    notes: list[str]


def run(
    processes: Any, options: Training | list[Training], size: int, disturbance: Disturbance | None = None
) -> list[End]:
    """Train in ``size`` processes; with options of their own where several are given."""
    # Ours, as torchrun has one: a free port that a process was to listen at could be another's by then.
    meeting = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    each = options if isinstance(options, list) else [options] * size
    pipes = [processes.Pipe(duplex=False) for _ in range(size)]
    members = [
        processes.Process(target=_member, args=(n, size, meeting.port, each[n], disturbance, pipes[n][1]))
        for n in range(size)
    ]
    for member in members:
        member.start()
    for _, theirs in pipes:
        theirs.close()
    try:
        return [_end(member, ours) for member, (ours, _) in zip(members, pipes, strict=True)]
    finally:
        for member in members:
            member.kill()
            member.join()


def _end(member: Any, pipe: Any) -> End:
    try:
        said = pipe.recv()
    except EOFError:  # killed
        said = (None, False, [])
    member.join(60)
    return End(member.exitcode, *said)


def context() -> Any:
    """Processes that start with everything imported, so that a training takes a second."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.harness.train.several"])
    return found


def _member(number: int, size: int, port: int, options: Training, disturbance: Disturbance | None, pipe: Any) -> None:
    if size > 1:
        os.environ |= {"RANK": str(number), "LOCAL_RANK": str(number), "WORLD_SIZE": str(size)}
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "LOCAL_WORLD_SIZE": str(size)}
        os.environ["TORCHELASTIC_USE_AGENT_STORE"] = "True"  # the main process is not the one to listen
    trainer.LOG_EVERY = 1
    if disturbance and disturbance.number == number:
        _disturb(disturbance)
    notes: list[str] = []
    error: UserError | None = None
    try:
        if isinstance(options, ChainOptions):
            run_chain(options, Reporter(note=notes.append))
        else:
            finetune(options, Reporter(note=notes.append))
    except UserError as caught:
        error = caught
    pipe.send((error, getattr(error, "told", False), notes))


def _disturb(what: Disturbance) -> None:
    loss = Learner.loss
    acts: dict[str, Callable[[MicroBatch], None]] = {
        "SIGKILL": lambda _batch: os.kill(os.getpid(), signal.SIGKILL),
        "ctrl-C": lambda _batch: os.kill(os.getpid(), signal.SIGINT),
        "SIGTERM": lambda _batch: os.kill(os.getpid(), signal.SIGTERM),
        "SIGUSR1": lambda _batch: os.kill(os.getpid(), signal.SIGUSR1),
        "memory": _short,
        "not finite": lambda _batch: None,
        "bug": _bug,
    }

    def disturbed(self: Learner, batch: MicroBatch, step: int) -> Any:
        if step >= what.step and (step == what.step or what.kind == "memory"):
            acts[what.kind](batch)
        found = loss(self, batch, step)
        return found * float("nan") if (step, "not finite") == (what.step, what.kind) else found

    Learner.loss = disturbed  # type: ignore[method-assign]


def _short(batch: MicroBatch) -> None:
    if batch.computed > 40:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")


def _bug(_batch: MicroBatch) -> None:
    raise ZeroDivisionError("a bug")
