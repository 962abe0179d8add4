"""The whole of XTREME on one card: nine tasks, 162 cells, XLM-R Large's shape, the published numbers of examples.

The data are the made-up world's of size full, whose sentences and paragraphs are about as long as the real ones; the
weights are random, which cost what trained ones cost. The floor of the embedding phase is its useful operations at the
best rate that bf16 matrix products reach here. Without a card it runs with ``--device cpu`` and a small shape.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from load import save

from xharness.demo import checkpoints
from xharness.demo.world import write_world
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions

WANTED_SECONDS, WANTED_SHARE = 300, 0.5
LARGE = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}


def peak(device: str) -> float:
    """The best rate of bf16 products found here, in operations a second."""
    best = 0.0
    for size in (4096, 8192) if device.startswith("cuda") else (1024,):
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
    parser.add_argument("--size", default="full", help="size of the made-up world")
    parser.add_argument("--blocks", type=int, default=LARGE["num_hidden_layers"])
    parser.add_argument("--width", type=int, default=LARGE["hidden_size"])
    parser.add_argument("--layer", default="reference", help="block for retrieval")
    arguments = parser.parse_args()
    shape = LARGE | {"num_hidden_layers": arguments.blocks, "hidden_size": arguments.width}
    shape |= {"intermediate_size": 4 * arguments.width}
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        write_world(data, size=arguments.size)
        suite = write_suite(Path(name) / "models", data, shape)
        options = EvaluateOptions(
            model=suite,
            data=data,
            out=Path(name) / "run",
            device=arguments.device,
            precision="bf16",
            layer=arguments.layer,
        )
        started = time.perf_counter()
        manifest = evaluate(options).manifest
        seconds = time.perf_counter() - started
    report(manifest, seconds, shape, peak(arguments.device))


def report(manifest: Any, seconds: float, shape: dict[str, int], best: float) -> None:
    """Time of every task, and how far embedding is from the card's limit."""
    from xharness.predict.layers import main_block

    by_task: dict[str, list[float]] = {}
    for phase in manifest["phases"]:
        found = by_task.setdefault(phase["task"], [0.0, 0.0, 0.0])
        for place, key in enumerate(("seconds", "tokens", "padded_tokens")):
            found[place] += phase[key]
    width, depth = shape["hidden_size"], shape["num_hidden_layers"]
    for task, (spent, tokens, padded) in by_task.items():
        run = main_block(manifest["options"]["layer"], depth) if task in ("tatoeba", "bucc2018") else depth
        useful = tokens * run * (8 * width**2 + 4 * width * shape["intermediate_size"])  # attention left out: a floor
        print(f"{task:10} {spent:8.1f} s {tokens:12,.0f} tokens {1 - tokens / padded:6.1%} padding", end=" ")
        print(f"{useful / spent / best:6.1%} of {best / 1e12:.1f} TFLOP/s")
        if task == "tatoeba":
            reached = "ok" if useful / spent / best >= WANTED_SHARE else "NOT REACHED"
            print(f"           wanted {WANTED_SHARE:.0%}: {reached}")
    verdict = "ok" if seconds <= WANTED_SECONDS else "NOT REACHED"
    print(f"all        {seconds:8.1f} s, wanted {WANTED_SECONDS}: {verdict}")
    save("gpu", [{"seconds": seconds, "tasks": by_task, "peak": best, "shape": shape}])


if __name__ == "__main__":
    main()
