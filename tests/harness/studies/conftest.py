"""A kind of steps for tests, in this process."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tests.harness.studies.made_study import ENVIRONMENT, MADE


@pytest.fixture
def known_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind of steps ``made`` in this process, and in those that it starts."""
    for name, text in ENVIRONMENT.items():
        monkeypatch.setenv(name, text)
    spec = importlib.util.spec_from_file_location("xharness.studies.steps.made", MADE / "made.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
