"""From the hidden states of a batch to one vector a text: how tokens are pooled, and what an embedding model adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xharness.checkpoints.sentence_model import Dense
from xharness.predict.layers import Pooling

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class AfterPooling:
    """What is done beside pooling; the default is nothing.

    Attributes:
        skipped: Leading tokens that are not pooled: those of a prompt, where the authors leave it out.
        dense: Layers that a pooled vector goes through.
        width: Leading columns that are kept; None for all.
    """

    skipped: int = 0
    dense: tuple[Dense, ...] = ()
    width: int | None = None

    def columns(self, hidden: int) -> int:
        """Width of the vectors of an encoder that is ``hidden`` wide."""
        whole = self.dense[-1].outputs if self.dense else hidden
        return min(whole, self.width or whole)


NOTHING = AfterPooling()


def pool(hidden: torch.Tensor, real: torch.Tensor, inside: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """One fp32 vector a text, shape (rows, width).

    Args:
        hidden: Shape (rows, tokens, width), padded on the right.
        real: Which tokens are not padding, shape (rows, tokens).
        inside: Which of them are pooled, same shape; at least one a row.
        pooling: ``weighted-mean`` gives token n the weight n, counted from 1 over all real tokens.
    """
    import torch

    if pooling == "cls":
        return _at(hidden, inside.int().argmax(1))
    if pooling == "last-token":
        return _at(hidden, real.sum(1) - 1)
    if pooling == "max":
        return hidden.float().masked_fill(~inside[:, :, None], -torch.inf).amax(1)
    if pooling == "weighted-mean":
        weights = torch.arange(1, hidden.shape[1] + 1, device=hidden.device) * inside
        return (hidden.float() * weights[:, :, None]).sum(1) / weights.sum(1, keepdim=True)
    return mean(hidden, inside)


def mean(hidden: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    """Mean over the tokens that are ``inside`` (rows, tokens), in fp32; shape (rows, width)."""
    total = hidden.float().masked_fill(~inside[:, :, None], 0.0).sum(1)
    return total / inside.sum(1, keepdim=True)


def _at(hidden: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
    """The token at a position of each row."""
    import torch

    return hidden[torch.arange(len(hidden), device=hidden.device), position].float()


def without_first(inside: torch.Tensor, count: int) -> torch.Tensor:
    """The tokens after the first ``count`` of each row; all of them in a row that has no others."""
    import torch

    later = inside & (torch.arange(inside.shape[1], device=inside.device)[None] >= count)
    return torch.where(later.any(1, keepdim=True), later, inside)


def projection(layers: Sequence[Dense], device: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """The layers as a function of vectors (rows, inputs), their weights read now and put on a device."""
    import torch
    from safetensors.torch import load_file

    steps = [(layer, load_file(layer.weights), getattr(torch.nn, layer.activation)()) for layer in layers]
    ready = [
        (layer.normalised, {name: tensor.float().to(device) for name, tensor in weights.items()}, activation)
        for layer, weights, activation in steps
    ]

    def project(vectors: torch.Tensor) -> torch.Tensor:
        for normalised, weights, activation in ready:
            inputs = torch.nn.functional.normalize(vectors, dim=-1) if normalised else vectors
            outputs = torch.nn.functional.linear(inputs, weights["linear.weight"], weights.get("linear.bias"))
            vectors = activation(outputs)
        return vectors

    return project
