"""Two whole runs of the tiny world, by models that differ in their random weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.conftest import Demo


@pytest.fixture(scope="session")
def two_runs(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Run folders with all 162 cells each; read-only."""
    from xharness.demo.checkpoints import write_models
    from xharness.evaluation.evaluate import evaluate
    from xharness.evaluation.options import EvaluateOptions

    folder = tmp_path_factory.mktemp("runs")
    write_models(folder / "models", demo.data, seed=1)
    for name, models in {"old": demo.models, "new": folder / "models"}.items():
        evaluate(EvaluateOptions(model=models, data=demo.data, out=folder / name, resamples=100))
    return folder / "old", folder / "new"
