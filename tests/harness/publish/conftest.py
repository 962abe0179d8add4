"""A run and a hub to push it to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.models.conftest import cache, hub

__all__ = ["cache", "hub", "pushed_run"]


@pytest.fixture(scope="session")
def pushed_run(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PAWS-X and MLQA in two languages."""
    from xharness.evaluation.evaluate import evaluate
    from xharness.evaluation.options import EvaluateOptions

    out = tmp_path_factory.mktemp("runs") / "mine"
    evaluate(EvaluateOptions(model=demo.models, data=demo.data, out=out, tasks="pawsx,mlqa", langs="en,de"))
    return out
