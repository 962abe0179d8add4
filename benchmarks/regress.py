"""Our own speed against an earlier one, by ratios to the peers of each run, so that two machines can be compared.

    python benchmarks/regress.py benchmarks/results build/bench

A ratio is worse if it fell by more than ``--margin`` and its highest repetition is below the lowest of before. The exit
code is 1 if any is worse or missing.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

Key = tuple[str, str, str]


def ratios(folder: Path) -> dict[Key, dict[str, Any]]:
    """Every ratio of a folder of results, by file, position of the benchmark and peer."""
    found: dict[Key, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        for place, result in enumerate(json.loads(path.read_text(encoding="utf-8"))["results"]):
            for peer, ratio in result.get("ratios", {}).items():
                found[path.stem, str(place), peer] = ratio
    return found


def verdict(before: dict[str, Any], after: dict[str, Any] | None, margin: float) -> str:
    """``missing``, ``worse``, ``better`` or nothing."""
    if after is None:
        return "missing"
    if after["ratio"] < (1 - margin) * before["ratio"] and after["high"] < before["low"]:
        return "worse"
    return "better" if after["ratio"] > (1 + margin) * before["ratio"] and after["low"] > before["high"] else ""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--margin", type=float, default=0.1, help="share by which a ratio may fall")
    arguments = parser.parse_args()
    old, new = ratios(arguments.before), ratios(arguments.after)
    said = []
    for key, before in old.items():
        after = new.get(key)
        said.append(verdict(before, after, arguments.margin))
        now = f"{after['ratio']:8.2f}" if after else "       -"
        print(f"{key[0]:10} {key[2]:52} {before['ratio']:8.2f} {now}  {said[-1]}")
    bad = sum(word in ("worse", "missing") for word in said)
    print(f"{len(said)} ratios, {bad} worse or missing")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
