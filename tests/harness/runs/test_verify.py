"""Scores and records must follow from what lies beside them."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.comparison.made import write_run
from tests.harness.runs.edits import CELLS, Change, edit, refused
from xharness.comparison.sources import load_source
from xharness.runs.folder import RunFolder
from xharness.runs.record import Record
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError


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
