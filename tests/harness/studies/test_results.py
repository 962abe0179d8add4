"""The table of all scores: what it holds, and that it is the same bytes whatever came first."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.harness.studies.written import write_study
from xharness.studies.results import AGAIN, COLUMNS, CSV, JSON, SCORE, collect, write_results
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.sealed import is_broken, is_sealed

GONE = {"small → xnli, seed 2"}


def test_a_row_for_each_score_of_each_cell(tmp_path: Path) -> None:
    study = write_study(tmp_path, size="smoke", items=40, without=GONE)
    rows = collect(study)
    assert {(row.arm, row.target, row.seed) for row in rows} == {
        ("none", "xnli", 1),
        ("none", "xnli", 2),
        ("small", "xnli", 1),
    }
    assert {(row.language, row.metric) for row in rows} == {
        (language, metric) for language in ("en", "de", "sw") for metric in (SCORE, "accuracy")
    }
    assert {(row.task, row.n) for row in rows} == {("xnli", 40)}
    run = next(each for each in study.evaluated if (each.arm, each.seed) == ("none", 2))
    scores = json.loads((study.store.output(run.step.id) / "scores.json").read_text("utf-8"))
    found = {(row.seed, row.language): row.score for row in rows if row.arm == "none" and row.metric == SCORE}
    assert found[2, "de"] == scores["xnli"]["accuracy"]["de"]


def test_the_files_have_the_same_bytes(tmp_path: Path) -> None:
    first, other = (write_study(tmp_path / name, size="smoke", items=40) for name in ("first", "other"))
    rows = write_results(first)
    write_results(other)
    write_results(other)
    for name in (CSV, JSON):
        assert (first.out / name).read_bytes() == (other.out / name).read_bytes()
    with (first.out / CSV).open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert tuple(read[0]) == COLUMNS
    assert [float(row["score"]) for row in read] == [row.score for row in rows]  # every digit
    content = json.loads((first.out / JSON).read_text("utf-8"))
    assert is_sealed(content) and not is_broken(content)
    assert [each["step"] for each in content["evaluations"]] == [each.step.key for each in first.evaluated]


def test_nothing_done_is_a_table_without_rows(tmp_path: Path) -> None:
    gone = {f"{arm} → xnli, seed {seed}" for arm in ("none", "small") for seed in (1, 2)}
    study = write_study(tmp_path, size="smoke", without=gone)
    assert write_results(study) == []
    assert (study.out / CSV).read_text("utf-8") == ",".join(COLUMNS) + "\n"


def test_a_changed_run_is_refused(tmp_path: Path) -> None:
    study = write_study(tmp_path, size="smoke", items=40)
    scores = study.store.output(study.evaluated[0].step.id) / "scores.json"
    scores.write_text(scores.read_text("utf-8").replace("100", "99").replace("5", "6"), encoding="utf-8")
    with pytest.raises(UserError) as told:
        collect(study)
    assert told.value.fix == AGAIN
