"""Baselines by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.comparison.baseline import write_baseline
from xharness.comparison.baseline_names import resolve
from xharness.comparison.sources import load_source
from xharness.tasks.common.errors import UserError


def test_unknown_baselines(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "baselines"
    with pytest.raises(UserError) as error:
        resolve("@main", folder)
    assert error.value.fix == "make one with xharness baseline set RUN --name NAME"
    write_baseline(load_source(run), folder / "main.npz.xz")
    with pytest.raises(UserError) as error:
        resolve("@mian", folder)
    assert (error.value.what, error.value.fix) == ("no baseline '@mian'", "did you mean 'main'?")
    assert resolve("@main", folder) == folder / "main.npz.xz"
