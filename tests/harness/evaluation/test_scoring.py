"""Cells that count, and cells that do not any more."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import copied, options
from xharness.evaluation.evaluate import evaluate


def test_changed_gold_is_scored_again(demo: Demo, tmp_path: Path) -> None:
    data = copied(demo.data, tmp_path / "data")
    chosen = options(demo, tmp_path / "run", data=data, tasks="xnli", langs="de")
    evaluate(chosen)
    path = data / "labels" / "xnli" / "test-de.tsv"
    answers = (tmp_path / "run/predictions/xnli/test-de.tsv").read_text(encoding="utf-8")
    path.write_text(answers, encoding="utf-8")
    assert evaluate(chosen).scores["xnli"]["accuracy"]["de"] == 100


def test_missing_gold_is_no_error(demo: Demo, tmp_path: Path) -> None:
    data = copied(demo.data, tmp_path / "data")
    shutil.rmtree(data / "labels")
    result = evaluate(options(demo, tmp_path / "run", data=data / "download", tasks="xnli,tatoeba", langs="de"))
    assert (tmp_path / "run/predictions/xnli/test-de.tsv").is_file()
    assert "xnli" not in result.scores
    assert {cell["task"] for cell in result.scores["xharness"]["unscored"]} == {"xnli", "tatoeba"}


def test_a_cell_of_an_earlier_call_is_dropped_once_its_data_have_changed(demo: Demo, tmp_path: Path) -> None:
    data = copied(demo.data, tmp_path / "data")
    first = options(demo, tmp_path / "run", data=data, tasks="xnli,udpos", langs="de")
    assert {"xnli", "udpos"} <= evaluate(first).scores.keys()
    path = data / "download" / "udpos" / "test-de.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("\n", "x\n", 1), encoding="utf-8")
    assert "udpos" not in evaluate(replace(first, tasks="xnli")).scores
    assert "udpos" in evaluate(first).scores
