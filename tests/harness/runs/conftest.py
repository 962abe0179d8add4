"""Runs that several tests change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.comparison.made import write_run
from tests.harness.runs.edits import CELLS
from tests.harness.runs.opened import ITEMS, RECORD, TEXT, opened
from xharness.runs.folder import RunFolder
from xharness.runs.manifest import FORMAT


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run as this version writes it."""
    path = write_run(tmp_path / "run", CELLS, seed=3)
    folder = RunFolder(path)
    digest = folder.write_scores(json.loads((path / "scores.json").read_text()))
    folder.write_manifest({**folder.manifest(), "format": FORMAT, "scores_sha256": digest})
    return path


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run with one finished cell."""
    run = opened(tmp_path / "runs" / "one")
    run.save(RECORD, TEXT, ITEMS)
    return run
