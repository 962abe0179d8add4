"""Whether a card gives the answers of a processor: outputs of random models on random texts, in fp32 and in bf16."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch

from xharness.checkpoints.checkpoint import inspect
from xharness.compute.batches import IntArray
from xharness.compute.device import Device
from xharness.compute.loading import load
from xharness.predict.outputs import tensors_by_name
from xharness.predict.stream import stream

WANTED = 1e-4  # in fp32, relative to the largest output
LENGTHS = (5, 17, 40, 126)
MEMBERS = ("xnli", "udpos", "squad")


def largest_differences(models: Path, device: str) -> dict[str, float]:
    """By model and precision, how far outputs are from those of a processor in fp32, relative to the largest."""
    found = {}
    for member in MEMBERS:
        wanted = outputs(models / member, Device("cpu", "fp32"))
        for precision in ("fp32", "bf16"):
            given = outputs(models / member, Device(device, precision))
            pairs = zip(given, wanted, strict=True)
            error = max(float((one - other).abs().max() / other.abs().max()) for one, other in pairs)
            found[f"{member} {precision}"] = error
            verdict = f"  wanted {WANTED}: {'ok' if error <= WANTED else 'NOT REACHED'}" if precision == "fp32" else ""
            print(f"{member:10} {precision}: outputs differ by {error:.1e}{verdict}", flush=True)
    return found


def outputs(folder: Path, device: Device) -> list[torch.Tensor]:
    """Of some texts, each without its padding, in the order of the texts."""
    checkpoint = inspect(folder)
    loaded = load(checkpoint, checkpoint.head, device)
    drawn = random.Random(0)
    ids = [[drawn.randrange(10, min(loaded.words, 200)) for _ in range(length)] for length in LENGTHS for _ in range(4)]
    found: dict[int, torch.Tensor] = {}

    def use(batch: IntArray, output: Any) -> None:
        tensors = list(tensors_by_name(output).values())
        for row, index in enumerate(batch.tolist()):
            parts = [each[row].float().cpu() for each in tensors]
            real = [part[: len(ids[index])] if part.dim() > 1 or len(parts) > 1 else part for part in parts]
            found[index] = torch.cat([part.flatten() for part in real])

    stream(loaded, ids, [None] * len(ids), use, batch_tokens=1024)
    return [found[index] for index in range(len(ids))]
