"""Ranking a Mewsli-X-shaped candidate set: seconds, peak memory, and the recall of an approximate search.

Made up are the files (candidates as released, read by the task's own reader) and the encoder: vectors lie around one of
a thousand centres, and a query beside its candidate, so that what is measured is everything but the model. The index of
``ivf`` is searched last, as FAISS holds it in memory in fp32 and the peak up to there is that of the exact search.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from load import save

from xharness.retrieve.once import Layers
from xharness.retrieve.ranking import Ranked, RankingSearch, rank
from xharness.retrieve.search import Vectors
from xharness.retrieve.shards import VectorShards
from xharness.tasks.readers.entities import read_entities
from xharness.tasks.types.ranking import CUTOFF

WIDTH, LAYER, CENTRES, SPREAD, NOISE = 384, 12, 1000, 1.0, 4.0
SENTENCES = ("A made-up entity of kind {kind} with the number {row}.", "It was first described long ago.")


def write_candidates(path: Path, size: int) -> None:
    """A candidate set in the released format."""
    with path.open("w", encoding="utf-8") as file:
        for row in range(size):
            first, second = (each.format(kind=row % CENTRES, row=row) for each in SENTENCES)
            spans = [{"start": 0, "end": len(first)}, {"start": len(first) + 1, "end": len(first) + 1 + len(second)}]
            entity = {
                "entity_id": f"Q{row}", "title": str(row), "description": f"{first} {second}", "description_url": "u",
                "description_language": "en", "sentence_spans": spans,
            }  # fmt: skip
            file.write(json.dumps(entity) + "\n")


class MadeUp:
    """The encoder: a vector by the number that a text ends with."""

    def __init__(self) -> None:
        self.centres = np.random.default_rng(0).standard_normal((CENTRES, WIDTH)).astype(np.float32)

    def __call__(self, texts: Sequence[str]) -> Layers:
        return {LAYER: self.vectors([int(text.split("number ")[1].split(".")[0]) for text in texts])}

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """Of these candidates, the same whatever is asked for with them."""
        noise = [np.random.default_rng([1, row]).standard_normal(WIDTH, dtype=np.float32) for row in rows]
        found: Vectors = self.centres[np.array(rows) % CENTRES] + SPREAD * np.stack(noise)
        return found

    def queries(self, rows: Sequence[int]) -> Vectors:
        """Beside their candidates."""
        noise = np.random.default_rng(2).standard_normal((len(rows), WIDTH), dtype=np.float32)
        return self.vectors(rows) + NOISE * noise


def reciprocal_rank(found: Ranked, rows: Sequence[int]) -> float:
    """MRR@20 in percent."""
    hits = found.rows == np.array(rows)[:, None]
    return 100 * float(np.where(hits.any(1), 1 / (1 + hits.argmax(1)), 0).mean())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--candidates", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=14_624, help="mentions of the test set")
    arguments = parser.parse_args()
    facts: dict[str, float] = {"candidates": arguments.candidates, "queries": arguments.queries}
    began = time.perf_counter(), time.process_time()

    def step(name: str) -> None:
        nonlocal began
        now = time.perf_counter(), time.process_time()
        wall, busy = (round(after - before, 1) for before, after in zip(began, now, strict=True))
        peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
        facts.update({f"{name} s": wall, f"{name} CPU s": busy, f"{name} peak GiB": peak})
        print(f"{name:12} {wall:8.1f} s, {busy:8.1f} s of CPU, peak {peak:.2f} GiB", flush=True)
        began = time.perf_counter(), time.process_time()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "candidate_set_entities.jsonl"
        write_candidates(path, arguments.candidates)
        step("write")
        candidates, problems = read_entities(path)
        assert not problems
        step("read")
        encoder = MadeUp()
        size = len(candidates.rows)
        shards = VectorShards(Path(folder), "key", layers=[LAYER], count=size, width=WIDTH, half=True)
        vectors = shards.fill(candidates.texts, encoder)[LAYER]
        step("store")
        asked = np.random.default_rng(3).choice(size, arguments.queries, replace=size < arguments.queries).tolist()
        queries = encoder.queries(asked)
        step("queries")
        for name in ("exact", "ivf"):
            found = rank(queries, vectors, CUTOFF, RankingSearch(name))
            step(name)
            facts |= {f"{name} MRR@20": round(reciprocal_rank(found, asked), 2), f"{name} recall": found.recall}
            print(f"{'':12} MRR@20 {facts[f'{name} MRR@20']:.2f}, recall {found.recall:.4f}", flush=True)
    save("ranking", [facts])


if __name__ == "__main__":
    main()
