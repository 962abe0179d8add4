"""A model too large for one device: every process holds a part of each weight (FSDP, Zhao et al. 2023).

Each block of the encoder is gathered while it computes, everything else for the whole pass. Gathering takes all
processes at once, so all of them go through the same blocks the same number of times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch.distributed.tensor import DTensor, distribute_tensor

from xharness.predict.hidden_states import find_blocks
from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    from xharness.tasks.recipe import Recipe
    from xharness.train.model import SharedModel


def check_sharding(processes: int, compiled: bool, recipe: Recipe) -> None:
    """Refuse what sharding cannot be combined with.

    Raises:
        UserError: naming it.
    """
    if processes == 1:
        raise UserError(
            "--fsdp in one process",
            "there is nobody to share the weights with",
            "start with torchrun or accelerate launch, or leave it out",
        )
    for name, given in {"--compile": compiled, "adversarial training": recipe.adversarial_epsilon > 0}.items():
        if given:
            raise UserError(f"--fsdp with {name}", "weights are gathered while blocks compute", "leave one of them out")


def shard(model: SharedModel, device: str) -> None:
    """Leave each process its part of every weight, on its device.

    Raises:
        UserError: the architecture keeps its blocks where they are not found.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    blocks = find_blocks(model.encoder)
    if blocks is None:
        raise UserError(
            f"--fsdp with {type(model.encoder).__name__}",
            "its blocks, which are gathered one at a time, are not found",
            "train it without --fsdp, or choose another architecture",
        )
    mesh = init_device_mesh(device, (torch.distributed.get_world_size(),))
    for block in blocks:
        fully_shard(block, mesh=mesh)
    fully_shard(model, mesh=mesh)


def gather(tensors: Mapping[str, torch.Tensor], keep: bool) -> dict[str, torch.Tensor]:
    """Whole tensors on the processor; nothing for a process that does not keep them.

    Sharded ones are gathered one after the other, which all processes have to do together.
    """
    found = {}
    for name, tensor in tensors.items():
        full = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
        if keep:
            found[name] = full.detach().cpu().contiguous()
    return found


def like(value: torch.Tensor, parameter: torch.Tensor) -> torch.Tensor:
    """A whole tensor as the parameter has it: on its device, and sharded if it is, which all do together."""
    if isinstance(parameter, DTensor) and value.shape == parameter.shape:  # not the optimizer's counters
        return distribute_tensor(value.to(parameter.device), parameter.device_mesh, parameter.placements)
    return value.to(parameter.device)
