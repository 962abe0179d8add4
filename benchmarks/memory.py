"""Peak memory of mining a million sentences a side, 1024 wide, with vectors on disk: the bound is 8 GB.

Everything runs at full size but the products: the first search of each block is real, the others answer at once with
random neighbours, because exact products of this size take hours on a processor. Counted is memory that cannot be given
back (anonymous pages); pages of the file of vectors are the operating system's to drop.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from load import save

from xharness.compute.batches import IntArray
from xharness.predict.embed import room_for
from xharness.retrieve import search
from xharness.retrieve.mining import mine
from xharness.retrieve.search import Vectors, faiss_search

BOUND = 8.0


class Peak(threading.Thread):
    """Looks at this process ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.highest = 0.0

    def run(self) -> None:
        while True:
            status = Path("/proc/self/status").read_text()
            anonymous = next(line for line in status.split("\n") if line.startswith("RssAnon"))
            self.highest = max(self.highest, int(anonymous.split()[1]) / 1e6)
            time.sleep(0.1)


def stored(size: int, width: int, seed: int, folder: Path) -> Any:
    """Random vectors in half precision on disk, as embedding leaves them."""
    vectors, random = room_for((size, width), np.dtype(np.float16), folder), np.random.default_rng(seed)
    for start in range(0, size, 8192):
        vectors[start : start + 8192] = random.standard_normal((min(8192, size - start), width), dtype=np.float32)
    return vectors


class Quick:
    """Searches the first queries of every block in earnest, and makes up the neighbours of the others."""

    def __init__(self) -> None:
        self.known: set[int] = set()

    def __call__(self, queries: Vectors, index: Vectors, k: int) -> tuple[Vectors, IntArray]:
        if id(index) not in self.known:
            self.known.add(id(index))
            faiss_search(queries[:256], index, k)
        random = np.random.default_rng(len(queries))
        similarity = -np.sort(-random.random((len(queries), k), dtype=np.float32), axis=1)
        return similarity, random.integers(0, len(index), (len(queries), k))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1_000_000, help="sentences of each side")
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--chunk", type=int, default=search.CHUNK)
    arguments = parser.parse_args()
    size, peak = arguments.size, Peak()
    with tempfile.TemporaryDirectory() as folder:
        source, target = (stored(size, arguments.width, seed, Path(folder)) for seed in (0, 1))
        texts = [[f"{side} sentence number {row}, about as long as others are" for row in range(size)] for side in "ab"]
        peak.start()
        with mock.patch.object(search, "_search", lambda _gpu, _chunk: Quick()):
            found = mine(source, target, *texts, chunk=arguments.chunk)
    size_on_disk = 2 * 2 * size * arguments.width / 1e9
    verdict = "ok" if peak.highest <= BOUND else "TOO MUCH"
    print(f"{size:,} sentences a side, {arguments.width} wide: {size_on_disk:.1f} GB on disk, peak memory", end=" ")
    print(f"{peak.highest:.2f} GB (bound {BOUND:g}): {verdict}; {len(found):,} candidates")
    save("memory", [{"size": size, "width": arguments.width, "chunk": arguments.chunk, "peak_gb": peak.highest}])


if __name__ == "__main__":
    main()
