"""The tensors of a saved state: weights of a model, sharded or not, and moments of its optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from xharness.tasks.common.errors import UserError
from xharness.train.sharding import gather, like

Tensors = dict[str, torch.Tensor]


def weights_of(model: torch.nn.Module, keep: bool = True) -> Tensors:
    """Every parameter that learns once, though several heads hold the same encoder; nothing if they are not to be kept.

    Those that stay as they are come from the parent again.
    """
    return gather(dict(_learning(model)), keep)


def _learning(model: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Parameter]]:
    return ((name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad)


def load_weights(model: torch.nn.Module, path: Path) -> None:
    """The inverse of :func:`weights_of`."""
    from safetensors.torch import load_file

    set_weights(model, load_file(path))


def set_weights(model: torch.nn.Module, weights: Tensors) -> None:
    """Bring a model, sharded or not, to these weights.

    Raises:
        UserError: they are those of another model.
    """
    with torch.no_grad():
        for name, parameter in _learning(model):
            if name not in weights or weights[name].shape != parameter.shape:
                raise _of_another(name)
            parameter.copy_(like(weights[name], parameter))


def _of_another(name: str) -> UserError:
    return UserError(
        "a saved state is of another model",
        f"its {name} is missing or of another shape",
        "delete the folder to start again",
    )


def moments(model: torch.nn.Module, optimizer: torch.optim.Optimizer, keep: bool) -> Tensors:
    """The optimizer's tensors by name of parameter."""
    found: Tensors = {}
    for name, parameter in model.named_parameters():
        state: Mapping[str, Any] = optimizer.state.get(parameter, {})
        found |= {f"{name}|{key}": value for key, value in state.items()}
    return gather(found, keep)


def set_moments(model: torch.nn.Module, optimizer: torch.optim.Optimizer, path: Path) -> None:
    """The inverse of :func:`moments`."""
    from safetensors.torch import load_file

    parameters = dict(model.named_parameters())
    for joined, value in load_file(path).items():
        name, _, key = joined.rpartition("|")
        if name not in parameters or value.shape not in (parameters[name].shape, torch.Size()):
            raise _of_another(name)
        parameter = parameters[name]
        own = like(value, parameter).clone()  # else it is a view of the file, which will be deleted
        optimizer.state[parameter][key] = own
