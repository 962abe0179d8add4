"""A Ray cluster that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.studies.made_study import driven, finished

pytest.importorskip("ray", reason="the package ray is not installed: pip install 'xharness[ray]'")


def test_nobody_at_an_address(tmp_path: Path) -> None:
    said = finished(driven(tmp_path, "0", "ray", json.dumps({"address": "127.0.0.1:1"})), code=1)
    assert "error: no Ray cluster at 127.0.0.1:1\n  why: nobody answers there" in said
    said = finished(driven(tmp_path, "0", "ray", json.dumps({"address": "there"})), code=1)
    assert "error: cannot read --address there" in said
