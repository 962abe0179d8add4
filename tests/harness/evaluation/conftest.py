"""Evaluations of the tiny world."""

from __future__ import annotations

import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import options
from xharness.evaluation.evaluate import Result, evaluate


@pytest.fixture(scope="session")
def whole(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """All of XTREME on the tiny world."""
    return evaluate(options(demo, tmp_path_factory.mktemp("whole") / "run"))
