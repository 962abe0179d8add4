"""Dropout for processors: torch draws one number of 32 bits after the other for every element, this one of 16 bits.

In training on a processor torch's masks take up to a quarter of the time, most of all those of attention.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

BITS = 16
SMALLEST = -(2**63)  # of an int64, four masks' worth


def drop(inputs: torch.Tensor, probability: float) -> torch.Tensor:
    """``inputs`` with elements set to 0 at random and the others scaled up, so that the expectation stays.

    Args:
        probability: Of an element to go; rounded to a multiple of 2^-16, and the scale goes by the rounded one.
    """
    steps = round(probability * 2**BITS)
    if not 0 < steps < 2**BITS:
        return torch.dropout(inputs, probability, train=True)
    words = torch.empty((inputs.numel() + 3) // 4, dtype=torch.int64).random_(SMALLEST, None)
    drawn = words.view(torch.int16)[: inputs.numel()].view(inputs.shape)
    kept: torch.Tensor = (drawn >= steps - 2 ** (BITS - 1)).to(inputs.dtype).mul_(2**BITS / (2**BITS - steps))
    return inputs * kept


def _forward(module: torch.nn.Dropout, inputs: torch.Tensor) -> torch.Tensor:
    return drop(inputs, float(module.p)) if module.training else inputs


@contextmanager
def faster_dropout(model: torch.nn.Module) -> Iterator[None]:
    """Let the dropout layers of a model on a processor draw their masks faster meanwhile."""
    layers: list[Any] = [module for module in model.modules() if type(module) is torch.nn.Dropout]
    for layer in layers:
        layer.forward = functools.partial(_forward, layer)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward
