"""Scores as tidy rows."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pandas
import pytest

from tests.harness.runs.made import cell_scores, scores_file
from xharness.submissions.score_parts import CellScores
from xharness.submissions.score_rows import NUMBERS, TidyRow, frame, score_rows, tidy
from xharness.submissions.scores_file import ScoresFile

SIGNATURE = "task:xnli.de|metric:accuracy|limit:5"


@pytest.fixture
def scores() -> ScoresFile:
    de = cell_scores(80.0, (70.0, 90.0), SIGNATURE, n=50)
    en = CellScores(50, 90.0, None, {"accuracy": None}, {"other": 12.5}, {"other": (10.0, 15.0)}, "metric:accuracy")
    found = scores_file({"xnli": {"de": de, "en": en}}, (60.0, 95.0), average=85.0, of=2)
    official: Any = {"xnli": {"accuracy": {"de": 80.0, "en": 90.0}, "avg_accuracy": 85.0, "avg_metric": 85.0}}
    whole = replace(found, official={"all_task": 85.0, "classification": 85.0, **official}, all_task=(1.0, 99.0))
    return replace(whole, groups={"classification": None}, not_zero_shot={"xnli": ["seen de", "seen fr"]})


def test_every_number_has_a_row_with_its_interval(scores: ScoresFile) -> None:
    found = [(r.level, r.task, r.language, r.kind, r.metric, r.value, r.interval_low, r.n) for r in score_rows(scores)]
    assert found == [
        ("cell", "xnli", "de", "score", "score", 80.0, 70.0, 50),
        ("cell", "xnli", "de", "metric", "accuracy", 80.0, 70.0, 50),
        ("cell", "xnli", "en", "score", "score", 90.0, None, 50),
        ("cell", "xnli", "en", "metric", "accuracy", 90.0, None, 50),
        ("cell", "xnli", "en", "variant", "other", 12.5, 10.0, 50),
        ("task", "xnli", "", "metric", "accuracy", 85.0, None, 2),
        ("task", "xnli", "", "score", "score", 85.0, 60.0, 2),
        ("group", "classification", "", "score", "score", 85.0, None, None),
        ("total", "all_task", "", "score", "score", 85.0, 1.0, None),
    ]


def test_parts_of_signatures_have_columns_that_every_row_has(scores: ScoresFile) -> None:
    rows = tidy(scores)
    signed = ["signature_task", "signature_metric", "signature_limit"]
    assert {tuple(row) for row in rows} == {(*(field.name for field in fields(TidyRow)), *signed)}
    assert [rows[0][name] for name in signed] == ["xnli.de", "accuracy", "5"]
    assert [rows[2][name] for name in signed] == ["", "accuracy", ""]
    assert rows[0]["not_zero_shot"] == "seen de; seen fr"


def test_pandas_has_numbers_as_numbers(scores: ScoresFile) -> None:
    table = frame(scores)
    assert all(pandas.api.types.is_numeric_dtype(table[name]) for name in NUMBERS)
    cells = table[(table.level == "cell") & (table.kind == "score")]
    assert cells.set_index("language").value.to_dict() == {"de": 80.0, "en": 90.0}
