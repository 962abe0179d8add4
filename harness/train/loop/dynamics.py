"""Training dynamics: what the forward passes of a training say of its examples, kept as they come by.

Nothing is computed for it, and nothing that the weights depend on is touched. With adversarial training the pass that
counts is the one that the weights learn from. Each process notes its own micro-batches; they are put together when a
state is saved, of which they are a part, so that an interrupted training keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from xharness.tasks.common.errors import UserError
from xharness.tasks.selection.dynamics import TrainingDynamics, without_rests
from xharness.train.loop.micro_batches import MicroBatch
from xharness.train.loop.state_tensors import Tensors
from xharness.train.mixture import Mixture
from xharness.train.objectives import Objective
from xharness.train.objectives.base import LabelObjective
from xharness.train.parallel import ProcessGroup

STATE = "dynamics.safetensors"


class DynamicsRecorder:
    """Keeps the logits of every training example by pass over its task.

    Args:
        objectives: By member of the mixture, all of them a :class:`LabelObjective`.
    """

    def __init__(self, mixture: Mixture, objectives: Mapping[str, Objective], processes: ProcessGroup) -> None:
        self._mixture, self._processes = mixture, processes
        self._objectives = {name: made for name, made in objectives.items() if isinstance(made, LabelObjective)}
        self._logits = {name: self._empty(name, made) for name, made in self._objectives.items()}
        self._last = torch.empty(0)
        for made in self._objectives.values():
            made.watch = self._watch

    def _empty(self, name: str, made: LabelObjective) -> torch.Tensor:
        """Shape (passes, instances, answers)."""
        size = len(made.instances)
        return torch.full((-(-self._mixture.visits[name] // size), size, made.most_answers), float("nan"))

    def _watch(self, logits: torch.Tensor) -> None:
        self._last = logits

    def keep(self, step: int, batch: MicroBatch) -> None:
        """Note what the last forward pass, that of a micro-batch of this step, said."""
        logits, drawn, passes = self._last.float().cpu(), self._mixture.step(step), self._mixture.passes(step)
        kept = self._logits[batch.task]
        for row, place in zip(logits, batch.places, strict=True):
            kept[passes[place], drawn[place][1]] = float("-inf")
            kept[passes[place], drawn[place][1], : len(row)] = row

    def tensors(self) -> Tensors:
        """What all processes have noted so far; all of them have to ask at the same time."""
        for kept in self._logits.values():
            for other in self._processes.gathered(kept.flatten()):
                torch.where(kept.isnan(), other.view_as(kept), kept, out=kept)
        return self._logits

    def load(self, state: Path | None) -> None:
        """Continue from a saved state, or from the start.

        Raises:
            UserError: the state has none.
        """
        if state is None:
            return
        from safetensors.torch import load_file

        check_recorded(state)
        for name, kept in load_file(state / STATE).items():
            self._logits[name].copy_(kept)

    def found(self) -> dict[str, TrainingDynamics]:
        """The dynamics by member, as they were when the last state was saved."""
        return {name: without_rests(self._found(name, made)) for name, made in self._objectives.items()}

    def _found(self, name: str, made: LabelObjective) -> TrainingDynamics:
        gold = np.array([instance.target[0] for instance in made.instances], dtype=np.int32)
        return TrainingDynamics(tuple(each.id for each in made.instances), gold, self._logits[name].numpy())


def check_recorded(state: Path | None) -> None:
    """Refuse to continue from a state without dynamics: what was seen before it is lost.

    Raises:
        UserError: it has none.
    """
    if state is not None and not (state / STATE).is_file():
        raise UserError(
            f"{state} has no training dynamics",
            "this training was started without --dynamics, which records them while it trains",
            "continue without --dynamics; or choose another --out to train from the start and record",
        )
