"""The gradient of a whole optimizer step: its micro-batches one after the other, summed over the processes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import write_atomic
from xharness.tasks.common.memory import out_of_memory
from xharness.train.loop.dynamics import DynamicsRecorder
from xharness.train.loop.interruption import Interruption
from xharness.train.loop.learner import Learner
from xharness.train.loop.micro_batches import MicroBatch, MicroBatches
from xharness.train.parallel import ProcessGroup

LEAST_BUDGET = 16  # tokens; memory that is short of that is not short because of micro-batches


@dataclass
class Sums:
    """What the micro-batches of one step add up to, in this process or in all.

    Attributes:
        loss: Of the whole step.
        tokens: Padding not counted.
        computed: Tokens with padding, where that is computed.
        stop: Whether one of several processes was asked to end, so that all have to after this step.
    """

    loss: float = 0.0
    tokens: int = 0
    computed: int = 0
    stop: bool = False


@dataclass
class StepGradient:
    """Computes the gradients of optimizer steps.

    Attributes:
        folder: Gets the list of the examples whose loss is not finite.
        dynamics: Keeps what the forward passes say of the examples, where that is wanted.
    """

    learner: Learner
    micro_batches: MicroBatches
    processes: ProcessGroup
    interruption: Interruption
    folder: Path
    dynamics: DynamicsRecorder | None = None

    def of_step(self, number: int, note: Callable[[str], None]) -> Sums:
        """Compute the gradient of a step; when memory runs out, once more in smaller micro-batches.

        Raises:
            UserError: a loss that is not finite; its examples are written down first.
        """
        while (sums := self._attempted(number)) is None:
            self.micro_batches.budget //= 2
            self.learner.optimizer.zero_grad()
            by_instance = self.learner.by_instance
            kept = "the step stays the same" if by_instance else "other masks of dropout, else the same step"
            note(f"out of memory: micro-batches halved to {self.micro_batches.budget} tokens; {kept}")
        return sums

    def _attempted(self, number: int) -> Sums | None:
        """The sums of the step over all processes; None if memory was short in any of them."""
        sums, error = Sums(), None
        try:
            self._accumulate(number, sums)
        except Exception as caught:
            if self.micro_batches.sharded:  # the others wait within a pass; they cannot be told
                raise _in_the_middle(caught) from caught
            error = _without_what_it_holds(caught)
        return self._agreed(sums, error)

    def _accumulate(self, number: int, sums: Sums) -> None:
        """Compute the micro-batches of this process, one backward pass each."""
        averaged = self.processes.size if self.micro_batches.sharded else 1  # sharded ones average over the processes
        found: list[tuple[MicroBatch, bool, torch.Tensor]] = []
        for place, batch, counts in self.micro_batches.own(number):
            with self.learner.seeded(batch, number, place):
                loss = self.learner.loss(batch, number)
                found.append((batch, counts, loss.detach()))
                if self.micro_batches.sharded:
                    loss = loss * (averaged if counts else 0)
                self.learner.accelerator.backward(loss)
            if counts and self.dynamics:
                self.dynamics.keep(number, batch)
        self.learner.words.fill()
        self._add_up(found, number, sums)

    def _add_up(self, found: Sequence[tuple[MicroBatch, bool, torch.Tensor]], number: int, sums: Sums) -> None:
        """Read the losses of micro-batches, and whether each counts, when all are computed: a card is waited for once.

        Raises:
            UserError: one is not finite; its examples are written down first.
        """
        losses = torch.stack([loss for _, _, loss in found]).tolist() if found else []
        for (batch, counts, _), loss in zip(found, losses, strict=True):
            if not math.isfinite(loss):
                raise self._not_finite(batch, number)
            if counts:
                sums.loss += loss
                sums.tokens += batch.tokens
                sums.computed += batch.computed

    def _agreed(self, sums: Sums, error: Exception | None) -> Sums | None:
        """What all processes found, with the gradient summed over them; None if memory was short in any."""
        short = error is not None and out_of_memory(error) and self.micro_batches.budget >= LEAST_BUDGET
        failed = error is not None and not short
        parameters = self.learner.parameters
        has = [parameter.grad is not None for parameter in parameters]
        said = [failed, short, self.interruption.asked is not None, sums.loss, sums.tokens, sums.computed, *has]
        everyone = self.processes.gathered(torch.tensor(said, dtype=torch.float64))
        if everyone[:, 0].any():
            self.processes.together(lambda: _raise(error if failed else None))
        if everyone[:, 1].any():
            return None
        if not self.micro_batches.sharded:  # which has summed them already
            anywhere = everyone[:, 6:].any(dim=0).tolist()
            self.processes.sum_gradients([p for p, some in zip(parameters, anywhere, strict=True) if some])
        loss, tokens, computed = everyone[:, 3:6].sum(dim=0).tolist()
        return Sums(loss, int(tokens), int(computed), self.processes.size > 1 and bool(everyone[:, 2].any()))

    def _not_finite(self, batch: MicroBatch, number: int) -> UserError:
        """Write down the examples whose loss is not finite; the error that names them."""
        path = self.folder / f"not-finite-step-{number}.json"
        write_atomic(path, json.dumps({"task": batch.task, "ids": [instance.id for instance in batch.instances]}))
        return UserError(
            f"the loss of step {number} is not finite",
            f"on {len(batch.instances)} examples of {batch.task}, listed in {path}",
            "lower the learning rate, or look at these examples",
        )


def _without_what_it_holds(error: Exception) -> Exception:
    """The error; a shortage of memory without its frames, as they hold everything that the failed attempt computed."""
    if out_of_memory(error):
        error.__context__ = error.__cause__ = None
        return error.with_traceback(None)
    return error


def _raise(error: Exception | None) -> None:
    if error:
        raise error


def _in_the_middle(error: Exception) -> Exception:
    """An error that ends this process in the middle of a pass of all of them."""
    if not out_of_memory(error):
        return error
    return UserError(
        "memory is short", "with --fsdp a step cannot be done again in smaller pieces", "give a smaller --batch-tokens"
    )
