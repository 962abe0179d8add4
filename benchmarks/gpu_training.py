"""Training on a card: without padding against with padding, and against transformers' Trainer in the same precision.

Random weights of the shape asked for, examples of the made-up world; batches of 32. What counts is tokens without
padding, as in ``training.py``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from training import Counted, as_shipped, compared, ours, trainer

from xharness.train.options import FinetuneOptions
from xharness.train.phase import Phase
from xharness.train.prepare import prepare

TASKS = ("xnli", "udpos", "xquad")


def compare_trainings(models: Path, data: Path, device: str, precision: str, steps: int, repetitions: int) -> list[Any]:
    """What is known of each task, as :func:`training.compared` says it."""
    results = []
    for task in TASKS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            phase = phase_of(task, models, data, folder, device, precision)
            makers = contestants(phase, folder, device, steps)
            results.append(compared(f"training {task} in {precision}, batch 32", makers, repetitions))
    return results


def contestants(phase: Phase, folder: Path, device: str, steps: int) -> dict[str, Callable[[], Counted]]:
    """What makes each contestant."""
    return {
        "xharness": lambda: finished(ours(phase, folder / "packed", steps), device),
        "xharness, with padding": lambda: padded(phase, folder / "padded", steps, device),
        "Trainer, grouped by length": lambda: finished(trainer(phase, steps, folder, as_shipped), device),
    }


def phase_of(task: str, models: Path, data: Path, folder: Path, device: str, precision: str) -> Phase:
    options = FinetuneOptions(
        model=models / "encoder",
        tasks=(task,),
        data=data,
        out=folder / "out",
        sets=("batch_size=32", "epochs=1", "select=last", "max_length=384" if task == "xquad" else "max_length=128"),
        device=device,
        precision=precision,
    )
    return prepare(options)


def padded(phase: Phase, folder: Path, steps: int, device: str) -> Counted:
    """Our trainer where it knows no packing."""
    with mock.patch("xharness.train.loop.learner.packing_for", lambda *_: None):
        return finished(ours(phase, folder, steps), device)


def finished(counted: Counted, device: str) -> Counted:
    """The contestant, whose work on the card is done when it returns."""

    def wait(train: Callable[[], int]) -> int:
        tokens = train()
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)
        return tokens

    return Counted(lambda: wait(counted.train))
