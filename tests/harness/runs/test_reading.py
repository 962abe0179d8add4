"""The one reader of run folders: nothing is taken from a run that its other files contradict."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.comparison.made import right, write_run
from xharness.comparison.sources import load_source
from xharness.leaderboard.runs import run_row
from xharness.report.gather import load_runs
from xharness.runs.folder import RunFolder
from xharness.runs.manifest import FORMAT
from xharness.runs.reading import Run, is_run, open_run
from xharness.runs.record import Record
from xharness.tasks.base import Items
from xharness.tasks.common import sealed
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.sealed import SEAL
from xharness.tasks.common.version import VERSION

CELLS = {("xnli", "de"): right([1.0, 0.0, 1.0]), ("xnli", "en"): right([1.0, 1.0, 1.0])}
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run as this version writes it."""
    path = write_run(tmp_path / "run", CELLS, seed=3)
    folder = RunFolder(path)
    digest = folder.write_scores(json.loads((path / "scores.json").read_text()))
    folder.write_manifest({**folder.manifest(), "format": FORMAT, "scores_sha256": digest})
    return path


def edit(path: Path, change: Change, *, seal: bool = False) -> None:
    """Change a JSON file; with ``seal`` by somebody who knows of its hash."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(sealed.seal(content) if seal else content), encoding="utf-8")


def refused(path: Path) -> UserError:
    """What all readers of finished runs say, which is the same."""
    said = []
    for reader in (open_run, load_source, run_row, lambda folder: load_runs([folder])):
        with pytest.raises(UserError) as error:
            reader(path)
        said.append(str(error.value))
    assert len(set(said)) == 1
    return error.value


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


@pytest.mark.parametrize("known", [False, True], ids=["hash", "by somebody who knows the hashes"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s["xnli"].update(avg_metric=99.0), "xnli.avg_metric is 99.0000 in scores.json, and 83.3333"),
        (lambda s: s["xnli"]["accuracy"].update(de=99.0), "xnli.accuracy.de is 99.0000 in scores.json, and 66.6667"),
        (lambda s: s["xharness"]["cells"]["xnli"]["de"].update(score=99.0), "xnli.de.score is 99.0000"),
        (lambda s: s["xharness"]["cells"]["xnli"]["de"].update(n=30), "xnli.de.n is 30 in scores.json, and 3"),
        (lambda s: s["xharness"]["cells"]["xnli"]["de"].update(signature="x"), "xnli.de.signature is x"),
        (lambda s: s["xharness"]["cells"]["xnli"].pop("de"), "lacks xnli de"),
        (lambda s: s["xharness"]["cells"]["xnli"].update(fr=s["xharness"]["cells"]["xnli"]["de"]), "no items"),
        (lambda s: s["xharness"]["tasks"]["xnli"].update(complete=True), "tasks.xnli.complete is True"),
        (lambda s: s.update(all_task=99.0), "all_task is 99.0000 in scores.json, and absent"),
        (lambda s: s.update(panx={"avg_metric": 99.0}), "panx.avg_metric is 99.0000"),
    ],
)
def test_scores_must_follow_from_the_items(run: Path, change: Change, said: str, known: bool) -> None:
    edit(run / "scores.json", change)
    if not known:
        assert "was changed" in refused(run).what
        return
    folder = RunFolder(run)
    digest = folder.write_scores(json.loads((run / "scores.json").read_text()))
    folder.write_manifest({**folder.manifest(), "scores_sha256": digest})
    error = refused(run)
    assert error.what == f"the scores of {run} do not follow from its items"
    assert said in error.why


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r.update(n=30), "says 30 items, and test-de.npz has 3"),
        (lambda r: r.update(items_sha256=""), "names no statistics"),
        (lambda r: r.update(prediction="../../../secret"), "not a file of this cell"),
        (lambda r: r.update(prediction="test-en.tsv"), "not a file of this cell"),
        (lambda r: r.update(prediction="test-de.tsv"), "test-de.tsv is missing"),
        (lambda r: r.update(language="en"), "is the record of xnli test-en"),
        (lambda r: r.update(task="../xnli"), "is the record of"),
        (lambda r: r.update(n="3"), "n must be a whole number"),
        (lambda r: r.update(n=True), "n must be a whole number"),
        (lambda r: r.update(variants={"other": "accuracy"}), "has no other"),
        (lambda r: r.update(extra=[]), "extra must be an object"),
        (lambda r: r.update(extra={"score": 99.0}), "extra.score"),
        (lambda r: r.update(unheard=1), "another version"),
        (lambda r: r.pop("signature"), "signature is missing"),
    ],
)
def test_a_record_must_fit_its_files(run: Path, change: Change, said: str) -> None:
    edit(run / "items/xnli/test-de.json", change, seal=True)
    error = refused(run)
    assert error.what == f"{run} cannot be read: cell xnli test-de"
    assert said in error.why
    assert RunFolder(run).record("xnli", "de", "test") is None, "evaluate answers it again"


def test_a_record_that_was_changed_at_all(run: Path) -> None:
    edit(run / "items/xnli/test-de.json", lambda record: record.update(signature="task:xnli.de"))
    assert refused(run).why == "test-de.json was changed"


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


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_count_that_is_no_number_names_the_cell(run: Path, number: float) -> None:
    record = RunFolder(run).record("xnli", "de", "test")
    assert record is not None
    # Written by hand: whoever makes statistics in this process cannot hold such numbers.
    counts = np.array([[number, 1.0], [0.0, 1.0], [1.0, 1.0]])
    ids = np.array(["0", "1", "2"])
    path = run / "items/xnli/test-de.npz"
    with path.open("wb") as file:
        arrays: dict[str, Any] = {"main.ids": ids, "main.clusters": ids, "main.counts": counts}
        np.savez(file, **arrays)
    from xharness.tasks.common.files import sha256

    edit(run / "items/xnli/test-de.json", lambda content: content.update(items_sha256=sha256([path])), seal=True)
    error = refused(run)
    assert error.what == f"{run} cannot be read: cell xnli test-de"
    assert error.why == "test-de.npz: main holds a count that is not a finite number"


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


def test_statistics_of_other_columns_are_refused_by_name(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run", CELLS)
    ids = ("0", "1")
    shutil.rmtree(path / "items/xnli")
    folder = RunFolder(path)
    folder.save(Record("xnli", "de", "test", "k", 2, "s"), None, {"main": Items(ids, ids, np.ones((2, 5)))})
    scores = json.loads((path / "scores.json").read_text())
    del scores["xharness"]["cells"]["xnli"]["en"]
    folder.write_scores(scores)
    with pytest.raises(UserError) as error:
        load_source(path)
    assert error.value.what == f"xnli de of {path} cannot be read"
