"""The quoted rows: known names, sources, and numbers that agree with each other where they must."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from statistics import fmean

import pytest

from xharness.leaderboard.published import published_rows
from xharness.tasks.registry import XTREME

CONTENT = tomllib.loads(files("xharness.leaderboard").joinpath("published.toml").read_text(encoding="utf-8"))
ROWS = {row.model: row for row in published_rows()}


@pytest.mark.parametrize("name", ROWS)
def test_every_value_has_a_known_name_and_a_source(name: str) -> None:
    row = ROWS[name]
    assert row.quoted
    assert row.sources
    assert set(row.scores) <= {"all_task", *XTREME.groups, *XTREME.languages}
    for task, scores in row.languages.items():
        assert set(scores) <= set(XTREME.languages[task])
    assert all(0 < score < 100 for scores in (row.scores, *row.languages.values()) for score in scores.values())


@pytest.mark.parametrize("name", ROWS)
def test_means_over_languages_are_those_of_the_task(name: str) -> None:
    for task, scores in ROWS[name].languages.items():
        assert fmean(scores.values()) == pytest.approx(ROWS[name].scores[task], abs=0.06)


def test_derived_values_follow_from_the_others() -> None:
    large, stilts = ROWS["XLM-R Large"].scores, ROWS["X-STILTs"].scores
    assert large["retrieval"] == pytest.approx((large["bucc2018"] + large["tatoeba"]) / 2)
    assert ROWS["mBERT"].scores["classification"] == (65.4 + 81.9) / 2
    seven = sum(stilts[name] for name in ("xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa"))
    assert (seven + 2 * stilts["retrieval"]) / 9 == pytest.approx(stilts["all_task"], abs=0.01)


def test_no_average_is_filled_in() -> None:
    assert {name for name, row in ROWS.items() if "all_task" in row.scores} == {"XLM-R Large", "X-STILTs"}
    assert all(set(entry) >= {"model", "participant", "training", "retrieval", "values"} for entry in CONTENT["row"])
