"""Runs and baselines as sources: what is read, and what is refused in one line each."""

from __future__ import annotations

import json
from pathlib import Path

from tests.harness.comparison.made import right
from tests.harness.comparison.refusals import refused
from xharness.comparison.sources import load_source
from xharness.runs.folder import RunFolder
from xharness.runs.record import Record


def test_a_run(run: Path) -> None:
    source = load_source(run)
    assert (source.name, source.seed, source.models) == ("run", 3, {"model": "a" * 64})
    assert list(source.cells) == [("xnli", "de"), ("xnli", "en")]  # the order of the benchmark
    cell = source.cells["xnli", "de"]
    assert (cell.task.name, cell.language, cell.split, cell.n) == ("xnli", "de", "test", 3)
    assert cell.items.statistics.tolist() == [[1, 1], [0, 1], [1, 1]]


def test_a_path_that_leads_nowhere(run: Path) -> None:
    what, why, fix = refused(run.parent / "rum")
    assert (what, why) == (f"no run at {run.parent / 'rum'}", "there is no such folder")
    assert fix == f"did you mean {run}?"


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert refused(tmp_path / "other")[0] == f"{tmp_path / 'other'} is not a run"


def test_half_a_run(run: Path) -> None:
    (run / "scores.json").unlink()
    what, why, fix = refused(run)
    assert (what, why) == (f"{run} is half a run", "its evaluation was interrupted after 2 cells")
    assert "continues" in fix


def test_a_damaged_cell_and_one_of_another_version(run: Path) -> None:
    (run / "items" / "xnli" / "test-de.npz").write_bytes(b"cut")
    what, why, _ = refused(run)
    assert what == f"{run} cannot be read: cell xnli test-de"
    assert "missing or was changed" in why
    record = run / "items" / "xnli" / "test-en.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "unheard": 1}))
    assert refused(run)[0] == f"{run} cannot be read: cell xnli test-de and 1 more"


def test_cells_without_statistics_are_left_out_with_their_reason(run: Path) -> None:
    folder = RunFolder(run)
    folder.save(Record("bucc2018", "de", "dev", "k", 3, "s", reason="only dev is here"), None, {})
    folder.save(Record("mood", "de", "test", "k", 1, "s"), None, {"main": right([1.0])})
    left_out = load_source(run).left_out
    assert left_out["bucc2018", "de"] == "only dev is here"
    assert "--tasks-from" in left_out["mood", "de"]


# --- baselines -------------------------------------------------------------------------------------------------------


# --- sides -----------------------------------------------------------------------------------------------------------
