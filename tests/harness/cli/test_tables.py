"""The table at the end of an evaluation: what it lacks, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.submissions.made import TASKS, cell
from xharness.cli.tables import print_whole, scores_table, sweep_tables
from xharness.submissions.scores import summarise
from xharness.tasks.packs import PACKS
from xharness.tasks.registry import XTREME, XTREME_R


def printed(parts: Any, capsys: pytest.CaptureFixture[str]) -> str:
    for part in parts:
        print_whole(part)
    return capsys.readouterr().out


def test_a_missing_interval_and_a_missing_average_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    cells = [cell("xquad", "de", right=1, items=1), cell("xnli", "de")]
    shown = printed(scores_table(summarise(cells, XTREME), TASKS), capsys)
    assert "no overall average; missing: pawsx, xnli (1 of 15 languages), " in shown
    assert "no interval: xquad de: an interval needs items of two texts, and these are of one\n" in shown
    assert "no interval: xnli" not in shown
    without = printed(scores_table(summarise(cells, XTREME, resamples=0), TASKS), capsys)
    assert "interval" not in without, "nobody asked for any"


def test_tasks_that_a_benchmark_does_not_have_are_not_measured_against_it(capsys: pytest.CaptureFixture[str]) -> None:
    made = replace(cell("xnli", "sw"), task=PACKS["sib200"])
    shown = printed(scores_table(summarise([made], XTREME), PACKS), capsys)
    assert shown.splitlines()[0] == "averages over languages in percent"
    assert "sib200" in shown and "no overall average" not in shown


def test_a_language_in_no_average_is_shown_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    alone = printed(scores_table(summarise([cell("xcopa", "en", right=3, items=4)], XTREME_R), TASKS), capsys)
    both = [cell("xcopa", "sw", right=1, items=4), cell("xcopa", "en", right=3, items=4)]
    beside = printed(scores_table(summarise(both, XTREME_R), TASKS), capsys)
    for shown in (alone, beside):
        rows = [line.split() for line in shown.splitlines()]
        assert ["xcopa", "en", "75.00", "±"] in [row[:4] for row in rows]
        assert "in no average: xcopa en\n" in shown
    assert ["xcopa", "25.00", "±"] in [line.split()[:3] for line in beside.splitlines()]


def test_the_block_that_counts_has_a_star(capsys: pytest.CaptureFixture[str]) -> None:
    swept = replace(cell("tatoeba", "de"), signature="metric:accuracy|layer:2/3=reference-scaled")
    scores = replace(
        summarise([swept], XTREME), sweep={"tatoeba": {"de": {"accuracy": {"1": 5.0, "2": 9.0, "3": 1.0}}}}
    )
    shown = printed(sweep_tables(scores), capsys)
    assert "in percent (* 2 is the task's own)" in " ".join(shown.split())
    assert ["language", "1", "2*", "3"] in [line.split() for line in shown.splitlines()]
