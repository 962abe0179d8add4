"""Regression of our own speed: by ratios, beyond the spread, and nothing may get lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "regress.py"


def write(folder: Path, **peers: tuple[float, float, float]) -> Path:
    folder.mkdir()
    ratios = {peer: dict(zip(("ratio", "low", "high"), numbers, strict=True)) for peer, numbers in peers.items()}
    results = [{"benchmark": "of something", "ratios": ratios}, {"command": "--help", "seconds": 0.2}]
    (folder / "embedding.json").write_text(json.dumps({"machine": {}, "results": results}))
    return folder


@pytest.mark.parametrize(
    ("after", "said", "code"),
    [
        ({"peer": (3.0, 2.9, 3.1)}, "", 0),
        ({"peer": (2.0, 1.9, 2.2)}, "worse", 1),
        ({"peer": (2.8, 2.7, 2.85)}, "", 0),  # less than the margin
        ({"peer": (2.0, 1.0, 3.0)}, "", 0),  # within the spread
        ({"peer": (4.0, 3.9, 4.2)}, "better", 0),
        ({"other": (3.0, 2.9, 3.1)}, "missing", 1),
    ],
)
def test_verdicts(tmp_path: Path, after: dict[str, tuple[float, float, float]], said: str, code: int) -> None:
    before, now = write(tmp_path / "before", peer=(3.0, 2.9, 3.1)), write(tmp_path / "after", **after)
    done = subprocess.run(
        [sys.executable, SCRIPT, before, now], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == code
    first, last = done.stdout.strip().split("\n")
    assert first.split()[:3] == ["embedding", "peer", "3.00"]
    assert first.rstrip().endswith(said)
    assert last == f"1 ratios, {code} worse or missing"
