"""The record of a cell."""

from __future__ import annotations

from pathlib import Path

from tests.harness.runs.edits import edit, refused


def test_a_record_that_was_changed_at_all(run: Path) -> None:
    edit(run / "items/xnli/test-de.json", lambda record: record.update(signature="task:xnli.de"))
    assert refused(run).why == "test-de.json was changed"
