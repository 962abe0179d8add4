"""Processes that ``torchrun`` or ``accelerate launch`` has started together, and how each meets the others."""

from __future__ import annotations

import atexit
import os
from datetime import timedelta
from importlib import import_module

from xharness.compute.device import ALL_CARDS
from xharness.tasks.common.errors import UserError
from xharness.train.parallel import ProcessGroup

PATIENCE = timedelta(days=1)  # others wait while the main process evaluates; the launcher ends them if it dies
LAUNCHER_PLUGINS = {"ACCELERATE_USE_FSDP": "FSDP", "ACCELERATE_USE_DEEPSPEED": "DeepSpeed"}


def is_main() -> bool:
    """True in a process that was not launched beside others, and in the first of those that were."""
    return int(os.environ.get("RANK", "0")) == 0


def launched() -> int:
    """Processes that were launched together."""
    return int(os.environ.get("WORLD_SIZE", "1")) if "RANK" in os.environ else 1


def join(device: str) -> tuple[ProcessGroup, str]:
    """Meet the other processes that were launched with this one; the processes, and the device of this process.

    Args:
        device: As the user names it; of several processes on GPUs each takes the one of its number on its machine.

    Raises:
        UserError: the device cannot be shared out.
    """
    size = launched()
    if "," in device or device == ALL_CARDS:
        raise UserError(
            f"--device {device} for training",
            "each process trains on one device",
            f"start a process a device: torchrun --nproc-per-node {max(2, device.count(',') + 1)} -m xharness.cli ...",
        )
    if size == 1:
        return ProcessGroup(), device
    import torch.distributed as dist

    device = _own_device(device)
    if not dist.is_initialized():
        if missing := [name for name in ("MASTER_ADDR", "MASTER_PORT") if name not in os.environ]:
            raise UserError(
                f"{size} processes that cannot meet",
                f"RANK and WORLD_SIZE are set, but not {' and '.join(missing)}",
                "start with torchrun or accelerate launch, or unset RANK and WORLD_SIZE",
            )
        # Its functions keep the group of the time of their import as a default, and the group would never end.
        import_module("torch.distributed.nn")
        dist.init_process_group("gloo" if device == "cpu" else "cpu:gloo,cuda:nccl", timeout=PATIENCE)
        atexit.register(leave)  # threads that are still there when the interpreter goes may abort the process
    return ProcessGroup(dist.get_rank(), dist.get_world_size()), device


def leave() -> None:
    """End the connections to the other processes."""
    import torch.distributed as dist

    if dist.is_initialized():
        dist.destroy_process_group()


def _own_device(device: str) -> str:
    """The device of this process among several.

    Raises:
        UserError: there is none for it, or the launcher was told what is not done here.
    """
    import torch

    size, local = launched(), int(os.environ.get("LOCAL_RANK", "0"))
    for name, plugin in LAUNCHER_PLUGINS.items():
        if os.environ.get(name, "").lower() in ("1", "true"):
            raise UserError(
                f"accelerate was configured to use {plugin}",
                "xharness shards models by itself, so that these settings would be ignored",
                "configure accelerate for several devices only, and pass --fsdp if the model is too large for one",
            )
    if device not in ("auto", "cpu", "cuda"):
        raise UserError(
            f"--device {device} with {size} processes",
            "each process takes the GPU of its own number, or all take the processor",
            "use --device auto, cuda or cpu; CUDA_VISIBLE_DEVICES chooses among GPUs",
        )
    count = torch.cuda.device_count()
    if device == "cpu" or (device == "auto" and not count):
        return "cpu"
    if local >= count:
        raise UserError(
            f"no GPU for process {local} of this machine",
            f"each process takes one, and torch sees {count} here",
            f"start {count} processes a machine, or use --device cpu" if count else "use --device cpu",
        )
    torch.cuda.set_device(local)
    return f"cuda:{local}"
