"""A training set of made-up pairs in MNLI's format."""

from __future__ import annotations

import json
from pathlib import Path

LABELS = ("entailment", "neutral", "contradiction")


def write_mnli(folder: Path, count: int = 120) -> Path:
    """Data with ``count`` pairs of uneven length and uneven labels; ids are the numbers of lines from 0 or 1."""
    rows = [
        {
            "sentence1": " ".join(["ba"] * (3 + n % 23)),
            "sentence2": f"ko {n}",
            "label": LABELS[0 if n % 2 else 1 + n % 4 // 2],
        }
        for n in range(count)
    ]
    file = folder / "intermediate" / "mnli" / "train.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder
