"""The whole of XTREME on one card: nine tasks, 162 cells, XLM-R Large's shape, the published numbers of examples.

The data are the made-up world's of size full, whose sentences and paragraphs are about as long as the real ones; the
weights are random, which cost what trained ones cost. The floor of the embedding phase is its useful operations at the
best rate that bf16 matrix products reach here. Tasks run one by one, and what is known is written after each, so that
a session that ends early leaves numbers: whether a card gives a processor's outputs (:mod:`gpu_answers`), then XTREME,
then training (:mod:`gpu_training`). Without a card:

    python benchmarks/gpu.py --device cpu --size tiny --blocks 2 --width 64 --layer 1 --steps 3
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from gpu_answers import largest_differences
from gpu_training import compare_trainings
from load import save

from xharness.demo import checkpoints
from xharness.demo.world import write_world
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.registry import XTREME

WANTED_SECONDS, WANTED_SHARE = 300, 0.5
LARGE = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}


def peak(device: str) -> float:
    """The best rate of bf16 products found here, in operations a second."""
    best = 0.0
    for size in (4096, 8192) if device.startswith("cuda") else (256,):
        left, right = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
        for _ in range(10):
            finish(device)
            started = time.perf_counter()
            for _ in range(5):
                left @ right
            finish(device)
            best = max(best, 5 * 2 * size**3 / (time.perf_counter() - started))
    return best


def finish(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def write_suite(folder: Path, data: Path, shape: dict[str, int]) -> Path:
    """Checkpoints of one task each, random, of the shape asked for."""
    plain = checkpoints._config

    def shaped(vocabulary: int, labels: tuple[str, ...]) -> Any:
        config = plain(vocabulary, labels)
        for name, value in shape.items():
            setattr(config, name, value)
        return config

    with mock.patch.object(checkpoints, "_config", shaped):
        return checkpoints.write_models(folder, data)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--size", default="full", help="size of the made-up world: full, demo or tiny")
    parser.add_argument("--blocks", type=int, default=LARGE["num_hidden_layers"])
    parser.add_argument("--width", type=int, default=LARGE["hidden_size"])
    parser.add_argument("--layer", default="reference", help="block for retrieval")
    parser.add_argument("--steps", type=int, default=12, help="of each training")
    arguments = parser.parse_args()
    shape = LARGE | {"num_hidden_layers": arguments.blocks, "hidden_size": arguments.width}
    shape |= {"intermediate_size": 4 * arguments.width}
    best = peak(arguments.device)
    print(f"bf16 matrix products: {best / 1e12:.1f} TFLOP/s", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder, started = Path(name), time.perf_counter()
        write_world(folder / "data", size=arguments.size)
        print(f"data written in {time.perf_counter() - started:.1f} s", flush=True)
        started = time.perf_counter()
        write_suite(folder / "models", folder / "data", shape)
        print(f"models written in {time.perf_counter() - started:.1f} s", flush=True)
        known: dict[str, Any] = {"device": device_name(arguments.device), "peak": best, "shape": shape}
        known["differences"] = largest_differences(folder / "models", arguments.device)
        save("gpu", [known])
        every_task(folder, arguments, shape, known)
        known["trainings"] = compare_trainings(
            folder / "models", folder / "data", arguments.device, "bf16", arguments.steps, repetitions=3
        )
        save("gpu", [known])


def every_task(folder: Path, arguments: argparse.Namespace, shape: dict[str, int], known: dict[str, Any]) -> None:
    """Evaluate task by task and keep what is known so far after each, in ``known`` as well."""
    by_task: dict[str, dict[str, float]] = {}
    for task in XTREME.languages:
        options = EvaluateOptions(
            model=folder / "models",
            data=folder / "data",
            out=folder / "runs" / task,
            tasks=task,
            device=arguments.device,
            precision="bf16",
            layer=arguments.layer,
        )
        started = time.perf_counter()
        manifest = evaluate(options).manifest
        by_task[task] = of_task(manifest, task, shape, known["peak"], time.perf_counter() - started)
        seconds = sum(found["seconds"] for found in by_task.values())
        known |= {"seconds": seconds, "whole": len(by_task) == len(XTREME.languages), "tasks": by_task}
        save("gpu", [known])
    verdict = "ok" if seconds <= WANTED_SECONDS else "NOT REACHED"
    print(f"{'all':10} {seconds:8.1f} s, wanted {WANTED_SECONDS}: {verdict}")


def of_task(manifest: Any, task: str, shape: dict[str, int], best: float, seconds: float) -> dict[str, float]:
    """Time of a task, that of its forward passes, and how far these are from the card's limit."""
    from xharness.predict.layers import main_block

    forward, tokens, padded = (
        sum(phase[key] for phase in manifest["phases"]) for key in ("seconds", "tokens", "padded_tokens")
    )
    width, depth = shape["hidden_size"], shape["num_hidden_layers"]
    embeds = task in ("tatoeba", "bucc2018")
    run = main_block(manifest["options"]["layer"], depth) if embeds else depth
    useful = tokens * run * (8 * width**2 + 4 * width * shape["intermediate_size"])  # attention left out: a floor
    share = useful / forward / best
    verdict = f"  wanted {WANTED_SHARE:.0%}: {'ok' if share >= WANTED_SHARE else 'NOT REACHED'}" if embeds else ""
    print(f"{task:10} {seconds:8.1f} s, {forward:.1f} of them forward; {tokens:,.0f} tokens,", end=" ")
    print(f"{1 - tokens / padded:.1%} padding; {share:.1%} of the products' rate{verdict}", flush=True)
    return {"seconds": seconds, "forward": forward, "tokens": tokens, "padded_tokens": padded, "share": share}


def device_name(device: str) -> str:
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


if __name__ == "__main__":
    main()
