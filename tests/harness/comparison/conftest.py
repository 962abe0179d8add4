"""Runs and what is said of what is not one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.comparison.made import FEW, write_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", FEW, seed=3)
