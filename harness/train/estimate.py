"""How long a phase will take and how much memory, before it is trained. Estimates, and named so.

Time is measured on real micro-batches of the phase, forward and backward, for a few seconds. Where the model is too
large to be loaded for that, it is counted in floating-point operations and divided by the measured speed of a product
of matrices of its size; training never reaches that speed, so this is a lower bound.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xharness.tasks.common.json_types import Json
from xharness.train.parallel import ProcessGroup
from xharness.train.phase import Phase

if TYPE_CHECKING:
    import torch

    from xharness.train.loop.micro_batches import MicroBatch
    from xharness.train.loop.trainer import Trainer

LOADED = 2 * 10**9  # bytes of weights up to which a model is loaded to measure it
SECONDS = 3.0
SAMPLE = 30  # steps whose padding is counted
LEARNING, FROZEN = 6, 4  # operations a weight and token: forward, to the inputs, and to the weight itself if it learns


def estimate(phase: Phase, processes: ProcessGroup | None = None) -> dict[str, Json]:
    """Seconds and gigabytes of a phase, and how they were found; of one of the processes that train it."""
    size = sum(file.stat().st_size for file in phase.parent.weights)
    return _measured(phase, processes or ProcessGroup()) if size <= LOADED else _counted(phase)


def _measured(phase: Phase, processes: ProcessGroup) -> dict[str, Json]:
    """By running a few micro-batches."""
    from xharness.train.finetune import make_model, make_trainer

    alone = replace(phase.specification, options=replace(phase.options, fsdp=False))
    unsharded = replace(phase, specification=alone)
    with tempfile.TemporaryDirectory() as nowhere:
        trainer = make_trainer(unsharded, make_model(unsharded), Path(nowhere), processes=processes)
        steps = np.unique(np.linspace(0, phase.total - 1, min(SAMPLE, phase.total)).astype(int))
        batches = [list(trainer.micro_batches.of_step(int(number))) for number in steps]
        found = _Measured.of(trainer, [batch for step in batches for batch in step])
    busiest = [_busiest(step, processes, trainer.micro_batches.overhead) for step in batches]
    training, dev = found.step(busiest) * phase.total, _dev_seconds(phase, found.a_token)
    holders = processes.size if phase.options.fsdp else 1
    weights, learning = (4 * sum(map(_size, each)) // holders for each in _parameters(trainer))
    return {
        "how": "estimate from real micro-batches, forward and backward, timed for a few seconds",
        "device": phase.loaded.device.name,
        "tokens": round(found.tokens / len(steps) * phase.total),
        "padding_share": round(1 - found.tokens / found.padded, 3),
        **({"processes": _of_processes(busiest, processes)} if processes.size > 1 else {}),
        "seconds": {"training": _rounded(training), "dev": _rounded(dev), "all": _rounded(training + dev)},
        "gigabytes": _memory(weights, learning, found.activations),
    }


@dataclass(frozen=True)
class _Measured:
    """What some micro-batches took.

    Attributes:
        tokens, padded: Of all of them, without and with padding.
        activations: Bytes that the largest keeps for its backward pass.
        a_batch, a_token, an_update: Seconds of a micro-batch, of each of its padded tokens, and of an update.
    """

    tokens: int
    padded: int
    activations: int
    a_batch: float
    a_token: float
    an_update: float

    @classmethod
    def of(cls, trainer: Trainer, batches: Sequence[MicroBatch]) -> _Measured:
        """Run them, forward and backward."""
        by_size = sorted(batches, key=lambda batch: batch.computed)
        with trainer.learner.faster():
            activations = _activations(trainer, by_size[-1])
            a_batch, a_token = _speed(trainer, by_size)
            an_update = _update(trainer)
        tokens = sum(batch.tokens for batch in batches)
        return cls(tokens, _padded(batches), activations, a_batch, a_token, an_update)

    def step(self, busiest: Sequence[Sequence[MicroBatch]]) -> float:
        """Seconds of a step, on average over the micro-batches of the process that has most to do in each."""
        spent = sum(self.a_batch * len(own) + self.a_token * _padded(own) for own in busiest)
        return spent / len(busiest) + self.an_update


def _parameters(trainer: Trainer) -> tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]]:
    """All of a model, and those that learn."""
    return list(trainer.learner.raw.parameters()), trainer.learner.parameters


def _size(parameter: torch.nn.Parameter) -> int:
    return parameter.numel()


def _busiest(step: Sequence[MicroBatch], processes: ProcessGroup, overhead: int) -> list[MicroBatch]:
    """The micro-batches of the process that has most to do in a step."""
    costs = [batch.computed + overhead for batch in step]
    loads = [
        [step[batch] for batch in ProcessGroup(number, processes.size).dealt(costs)] for number in range(processes.size)
    ]
    return max(loads, key=lambda own: _padded(own) + overhead * len(own))


def _padded(batches: Sequence[MicroBatch]) -> int:
    """Tokens of micro-batches, padding counted."""
    return sum(batch.computed for batch in batches)


def _of_processes(busiest: Sequence[Sequence[MicroBatch]], processes: ProcessGroup) -> dict[str, Json]:
    """What sharing the steps amounts to; the sum of the gradients is not timed."""
    tokens = [_padded(own) for own in busiest]
    return {
        "number": processes.size,
        "tokens_per_device_step": {"mean": round(sum(tokens) / len(tokens)), "most": max(tokens)},
        "not_counted": "the sum of the gradients over the processes",
    }


def _speed(trainer: Trainer, batches: Sequence[MicroBatch]) -> tuple[float, float]:
    """Seconds a micro-batch and seconds a padded token: a line through timed micro-batches of all sizes."""
    rounds = [batches[round(q * (len(batches) - 1))] for q in (0.9, 0.5, 0.1, 0.7, 0.3, 1.0)]
    _run(trainer, rounds[0])  # the first one also warms up
    sizes: list[int] = []
    seconds: list[float] = []
    started = time.perf_counter()
    while time.perf_counter() - started < SECONDS or len(sizes) < len(rounds):
        batch = rounds[len(sizes) % len(rounds)]
        seconds.append(_run(trainer, batch))
        sizes.append(batch.computed)
        if time.perf_counter() - started > 5 * SECONDS:
            break
    if len(set(sizes)) < 3:
        return 0.0, sum(seconds) / sum(sizes)
    slope, fixed = np.polyfit(sizes, seconds, 1)
    if slope <= 0 or fixed < 0:
        return 0.0, sum(seconds) / sum(sizes)
    return float(fixed), float(slope)


def _run(trainer: Trainer, batch: MicroBatch) -> float:
    """Seconds of one micro-batch."""
    started = time.perf_counter()
    with trainer.learner.seeded(batch, 0, 0):
        trainer.learner.accelerator.backward(trainer.learner.loss(batch, 0))
    _wait(trainer)
    return time.perf_counter() - started


def _update(trainer: Trainer) -> float:
    """Seconds of clipping and one update, with a learning rate of 0."""
    for group in trainer.learner.optimizer.param_groups:
        group["lr"] = 0.0
    spent = []
    for _ in range(2):
        started = time.perf_counter()
        trainer.learner.words.fill()
        trainer.learner.clip()
        trainer.learner.optimizer.step()
        _wait(trainer)
        spent.append(time.perf_counter() - started)
    return min(spent)


def _wait(trainer: Trainer) -> None:
    """Until the card has done what it was given."""
    import torch

    if trainer.learner.device.type == "cuda":
        torch.cuda.synchronize(trainer.learner.device)


def _activations(trainer: Trainer, batch: MicroBatch) -> int:
    """Bytes that the largest micro-batch keeps for its backward pass, weights not counted."""
    import torch

    weights = {parameter.untyped_storage().data_ptr() for parameter in trainer.learner.raw.parameters()}
    kept: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = trainer.learner.loss(batch, 0)
    del loss
    return sum(kept.values())


def _dev_seconds(phase: Phase, a_token: float) -> float:
    """Seconds of all evaluations on dev: a forward pass, a third of a training pass, on texts like those trained on."""
    times, tokens = phase.recipe.dev_checks(sum(phase.sizes.values()), phase.total), 0.0
    for name, data in phase.data.items():
        lengths = [instance.length for instance in phase.objectives[name].instances]
        windows = len(lengths) / max(1, len(data.train))
        tokens += sum(len(dev.examples) for dev in data.dev.values()) * windows * float(np.mean(lengths))
    return times * tokens * a_token / 3


def _counted(phase: Phase) -> dict[str, Json]:
    """By floating-point operations and the speed of matrix products."""
    mixture = phase.drawn()
    lengths = {
        name: np.array([instance.length for instance in made.instances]) for name, made in phase.objectives.items()
    }
    tokens = sum(mixture.visits[name] * float(found.mean()) for name, found in lengths.items())
    width, blocks = int(phase.parent.config.get("hidden_size", 0)), phase.parent.blocks
    longest = max(int(found.max()) for found in lengths.values())
    low_rank = phase.options.low_rank
    passes = 1 + phase.recipe.adversarial_steps * bool(phase.recipe.adversarial_epsilon)
    operations = (FROZEN if low_rank else LEARNING) * 12 * blocks * width**2 * tokens * passes
    weights = sum(file.stat().st_size for file in phase.parent.weights)
    heads = int(phase.parent.config.get("num_attention_heads", 1))
    # Of a block of the usual shape: four matrices of width x width, two that go four times as wide and back.
    learning = 4 * blocks * low_rank.r * width * (4 * 2 + 2 * 5) if low_rank else weights
    # Korthikanti et al. 2022: 34 bytes and 5 a s / h a token, width and block in 16 bits; twice that in 32.
    bytes_of = 1 if phase.loaded.device.precision != "fp32" else 2
    a_token = bytes_of * blocks * (34 * width + 5 * heads * longest)
    return {
        "how": "estimate from operations at the measured speed of matrix products: a lower bound; "
        "the model is too large to be loaded for a plan",
        "tokens": round(tokens),
        "operations": round(operations),
        "seconds": {"training": _rounded(operations / _product_speed(phase, width))},
        "gigabytes": _memory(weights, learning, a_token * max(longest, phase.specification.batch_tokens)),
    }


def _product_speed(phase: Phase, width: int) -> float:
    """Operations a second of a product of matrices, as the feed-forward layers have them."""
    import torch

    from xharness.compute import kernels

    device = phase.loaded.device
    left = torch.ones(512, width, device=device.name, dtype=device.dtype)
    right = torch.ones(width, 4 * width, device=device.name, dtype=device.dtype)
    for count in (1, 8):
        started = time.perf_counter()
        for _ in range(count):
            found = kernels.product(left, right)
        float(found[0, 0])  # waits for the device
        spent = time.perf_counter() - started
    return 8 * 2 * 512 * width * 4 * width / spent


def _memory(weights: int, learning: int, activations: int) -> dict[str, float]:
    """Gigabytes: AdamW keeps two moments a weight that learns, and a gradient is as large as its weight."""
    parts = {"weights": weights, "gradients": learning, "moments": 2 * learning, "activations": activations}
    return {name: round(value / 1e9, 3) for name, value in {**parts, "all": sum(parts.values())}.items()}


def _rounded(seconds: float) -> float:
    """Two digits: an estimate is not better than that."""
    return float(f"{seconds:.2g}")
