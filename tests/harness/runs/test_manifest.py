"""The manifest of a run, read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from tests.harness.runs.edits import edit, refused
from xharness.runs.manifest import FORMAT


def _update(new: dict[str, Any], content: dict[str, Any]) -> None:
    content.update(new)


def test_a_manifest_that_was_changed(run: Path) -> None:
    edit(run / "manifest.json", lambda content: content["identity"].update(model={"model": "b" * 64}))
    assert refused(run).what == f"cannot read {run / 'manifest.json'}"
    wrongs: list[dict[str, Any]] = [{"model": []}, {"phases": [{"task": 3}]}, {"options": {"limit": "x"}}, {"data": 5}]
    for wrong in wrongs:
        edit(run / "manifest.json", partial(_update, wrong), seal=True)
        assert refused(run).what == f"cannot read {run / 'manifest.json'}"


def test_a_manifest_of_a_later_version(run: Path) -> None:
    edit(run / "manifest.json", lambda content: content.update(format=FORMAT + 1), seal=True)
    assert f"in format {FORMAT + 1}" in refused(run).why
