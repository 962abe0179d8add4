"""Runs of a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.harness.runs.made import cell_scores, scores_file
from xharness.report.gather import NamedRun
from xharness.runs.manifest import Manifest


def run(name: str = "a", cells: Any = None, manifest: Any = None) -> NamedRun:
    shaped = {task: {code: cell_scores(score) for code, score in of.items()} for task, of in (cells or {}).items()}
    return NamedRun(name, Path(name), scores_file(shaped), Manifest.parse(manifest or {}))
