"""The one reader of run folders: nothing is taken from a run that its other files contradict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness.comparison.made import right, write_run
from tests.harness.runs.edits import CELLS, edit, refused
from xharness.comparison.sources import load_source
from xharness.leaderboard.runs import run_row
from xharness.report.gather import load_runs
from xharness.runs.folder import RunFolder
from xharness.runs.manifest import FORMAT
from xharness.runs.reading import Run, is_run, open_run
from xharness.runs.record import Record
from xharness.tasks.common.sealed import SEAL
from xharness.tasks.common.version import VERSION


def test_a_whole_run_is_read_by_all(run: Path) -> None:
    whole = open_run(run)
    assert isinstance(whole, Run)
    assert [record.language for record, _ in whole.cells] == ["de", "en"]
    assert (whole.notes, whole.stale) == ([], {})
    assert load_runs([run])[0].score("xnli", "en") == 100
    assert run_row(run).languages["xnli"]["en"] == 100


def test_a_run_of_the_first_version_opens_with_a_note(run: Path) -> None:
    edit(run / "manifest.json", lambda content: [content.pop(name) for name in ("format", "scores_sha256", SEAL)])
    for path in (run / "items").rglob("*.json"):
        edit(path, lambda content: content.pop(SEAL))
    (note,) = open_run(run).notes
    assert "could not be verified" in note
    assert load_source(run).notes == [note]
    assert note in run_row(run).note


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 100_000, b'{"n": 1e999}', b'{"n": ' + b"9" * 5000 + b"}", b"[]", b'"x"', b"NaN"],
    ids=lambda content: content[:8].decode(errors="replace"),
)
@pytest.mark.parametrize("name", ["manifest.json", "scores.json", "items/xnli/test-de.json"])
def test_what_is_not_json_of_ours(run: Path, name: str, content: bytes) -> None:
    (run / name).write_bytes(content)
    assert is_run(run)
    refused(run)


def test_a_metric_of_another_name_is_a_note_of_old_runs_only(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run", CELLS, metric="another")
    assert open_run(path).notes[-1].startswith("xnli en could not be verified: it was scored by another")
    folder = RunFolder(path)
    folder.write_manifest({**folder.manifest(), "format": FORMAT, "xharness": VERSION})
    assert "it was scored by another" in refused(path).why


def test_a_mark_that_was_removed(tmp_path: Path) -> None:
    marked: dict[str, Any] = {"zero-shot": "no"}
    path = write_run(tmp_path / "run", CELLS, **marked)
    assert refused(path).why == "xnli is not marked as not zero-shot, as its signature is"


def test_a_cell_that_does_not_count_any_more_is_left_out_with_its_reason(run: Path) -> None:
    folder = RunFolder(run)
    folder.save(Record("xnli", "fr", "test", "k", 1, "s"), None, {"main": right([1.0])})
    assert "lacks xnli fr" in refused(run).why
    scores = json.loads((run / "scores.json").read_text())
    scores["xharness"]["unscored"].append({"task": "xnli", "language": "fr", "reason": "its data have changed"})
    folder.write_manifest({**folder.manifest(), "scores_sha256": folder.write_scores(scores)})
    assert load_source(run).left_out == {("xnli", "fr"): "its data have changed"}
