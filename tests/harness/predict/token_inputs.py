"""Models on the processor, and inputs of uneven length for them."""

from __future__ import annotations

import random
from pathlib import Path

from xharness.checkpoints.checkpoint import inspect
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load

LENGTHS = [3, 40, 1, 17, 17, 60, 2, 25, 33, 9]


def loaded(folder: Path) -> Loaded:
    found = inspect(folder)
    return load(found, found.head, Device("cpu", "fp32"))


def inputs_of(model: Loaded, lengths: list[int]) -> tuple[list[list[int]], list[list[int] | None]]:
    """Random token ids and types of these lengths."""
    rng = random.Random(0)
    ids = [[rng.randrange(10, 200) for _ in range(length)] for length in lengths]
    takes_types = "token_type_ids" in model.tokenizer.model_input_names
    return ids, [[0] * (length // 2) + [1] * (length - length // 2) if takes_types else None for length in lengths]
