"""Files of a run, changed by somebody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.harness.comparison.made import right
from xharness.comparison.sources import load_source
from xharness.leaderboard.runs import run_row
from xharness.report.gather import load_runs
from xharness.runs.reading import open_run
from xharness.tasks.common import sealed
from xharness.tasks.common.errors import UserError

CELLS = {("xnli", "de"): right([1.0, 0.0, 1.0]), ("xnli", "en"): right([1.0, 1.0, 1.0])}


Change = Callable[[dict[str, Any]], object]


def edit(path: Path, change: Change, *, seal: bool = False) -> None:
    """Change a JSON file; with ``seal`` by somebody who knows of its hash."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(sealed.seal(content) if seal else content), encoding="utf-8")


def refused(path: Path) -> UserError:
    """What all readers of finished runs say, which is the same."""
    said = []
    for reader in (open_run, load_source, run_row, lambda folder: load_runs([folder])):
        with pytest.raises(UserError) as error:
            reader(path)
        said.append(str(error.value))
    assert len(set(said)) == 1
    return error.value
