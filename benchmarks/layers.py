"""What a layer costs: all blocks scored against one, half the stack against the whole. Tatoeba, all-MiniLM-L6-v2.

As in an evaluation, the vectors of all blocks are on disk; beside that, what it costs to keep outputs for after a kill.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path
from typing import Any

from embedding import MAX_LENGTH, texts_of
from load import alternate, minilm, report, save

from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute.device import Device
from xharness.compute.loading import load
from xharness.predict.embed import embed
from xharness.predict.journal import Journal
from xharness.retrieve.tatoeba import find_at_layers


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=12)
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    texts = texts_of(arguments.every)
    loaded = load(inspect(minilm()), Head.ENCODER, Device("cpu", "fp32"))
    settings: dict[str, Any] = {"pooling": "mean", "max_length": MAX_LENGTH, "batch_tokens": loaded.device.batch_tokens}

    number = itertools.count()

    def score(layers: list[int], kept: bool = False) -> None:
        journal = Journal(folder / str(next(number)), "benchmark") if kept else None
        on_disk = folder if len(layers) > 1 else None
        found = embed(loaded, texts, layers=layers, on_disk=on_disk, journal=journal, **settings).by_layer()
        half = len(texts) // 2
        find_at_layers({n: v[:half] for n, v in found.items()}, {n: v[half:] for n, v in found.items()})

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timings = alternate(
            {
                "block 6 of 6": lambda: score([6]),
                "all six blocks": lambda: score([1, 2, 3, 4, 5, 6]),
                "block 3 of 6": lambda: score([3]),
                "block 6 of 6, outputs kept": lambda: score([6], kept=True),
            },
            arguments.repetitions,
        )
    result = report(f"layers, {len(texts)} sentences, text to neighbours", timings, {}, {})
    sweep, middle = (result["ratios"][name]["ratio"] for name in ("all six blocks", "block 3 of 6"))
    print(f"  the sweep takes {sweep:.2f} times one block's time (wanted at most 1.1)")
    print(f"  half the depth takes {middle:.2f} of the time (wanted 0.5, within 10 %)")
    save("layers", [result])


if __name__ == "__main__":
    main()
