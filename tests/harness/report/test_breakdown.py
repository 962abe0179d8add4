"""Scores by group of languages."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.harness.runs.made import cell_scores, scores_file
from xharness.report.breakdown import Circle, breakdowns, check_circle, correlations, rank_correlation, table
from xharness.report.gather import NamedRun
from xharness.runs.manifest import Manifest
from xharness.runs.reading import Run
from xharness.runs.record import Record
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import Registry

TASKS = Registry().tasks
RIGHT = {"de": 0.8, "nl": 0.6, "ru": 0.5, "sw": 0.3}


def run(name: str = "a", right: Mapping[str, float] = RIGHT, items: int = 50) -> NamedRun:
    """XNLI, with a share of right answers by language."""
    cells, scores = [], {}
    for language, share in right.items():
        ids = tuple(map(str, range(items)))
        counts = np.column_stack([np.arange(items) < share * items, np.ones(items)]).astype(float)
        record = Record("xnli", language, "test", "k", items, "s")
        cells.append((record, {"main": Items(ids, ids, counts)}))
        scores[language] = cell_scores(100 * share)
    whole = Run(Path(name), Manifest.parse({}), scores_file({"xnli": scores}), cells, {}, [])
    return NamedRun(name, whole.path, whole.scores, whole.manifest, whole)


def test_a_group_is_the_mean_of_its_languages() -> None:
    parts = {part.group: part for part in breakdowns([run()], TASKS, [Circle.FAMILY])[Circle.FAMILY]}
    assert {group: part.languages for group, part in parts.items()} == {
        "Germanic": ("de", "nl"), "Niger-Congo": ("sw",), "Slavic": ("ru",),
    }  # fmt: skip
    assert parts["Germanic"].score == pytest.approx(70)
    assert parts["Slavic"].score == pytest.approx(50)


def test_intervals_let_translations_vary_together() -> None:
    """Equal items right in both languages: the mean of two is no surer than one of them."""
    both = {
        part.group: part
        for part in breakdowns([run(right={"de": 0.6, "nl": 0.6})], TASKS, [Circle.FAMILY])[Circle.FAMILY]
    }
    one = {part.group: part for part in breakdowns([run(right={"de": 0.6})], TASKS, [Circle.FAMILY])[Circle.FAMILY]}
    assert both["Germanic"].interval == pytest.approx(one["Germanic"].interval)


def test_amounts_of_text_come_by_size_and_scripts_by_name() -> None:
    assert [part.group for part in breakdowns([run()], TASKS, [Circle.PRETRAINING])[Circle.PRETRAINING]] == [
        "1 to 10 GiB", "10 to 50 GiB", "over 50 GiB",
    ]  # fmt: skip
    assert [part.group for part in breakdowns([run()], TASKS, [Circle.SCRIPT])[Circle.SCRIPT]] == ["Cyrillic", "Latin"]


def test_runs_stand_side_by_side() -> None:
    runs = [run(), run("b", {"de": 0.9, "sw": 0.1})]
    shown = table(breakdowns(runs, TASKS, [Circle.FAMILY])[Circle.FAMILY], Circle.FAMILY)
    assert [column.label for column in shown.columns] == ["task", "family", "languages", "a", "b"]
    assert [[cell.text for cell in row.cells] for row in shown.rows] == [
        ["xnli", "Germanic", "de nl", "70.00", "90.00"],
        ["xnli", "Niger-Congo", "sw", "30.00", "10.00"],
        ["xnli", "Slavic", "ru", "50.00", "–"],
    ]


def test_pairs_of_languages_are_no_languages() -> None:
    alone = run()
    mixed = {"xnli-mixed": {"de-sw": cell_scores(50.0)}}
    one = replace(alone, scores=replace(alone.scores, cells={**alone.scores.cells, **mixed}))
    assert {part.task for part in breakdowns([one], TASKS, [Circle.FAMILY])[Circle.FAMILY]} == {"xnli"}
    assert [row.cells[0].text for row in correlations([one], TASKS).rows] == ["xnli"]


def test_rank_correlation_is_pearsons_of_ranks() -> None:
    chance = random.Random(1)
    for _ in range(100):
        first = [chance.randint(0, 6) for _ in range(9)]
        second = [chance.randint(0, 6) for _ in range(9)]
        ranks = [[(2 * sorted(each).index(v) + each.count(v) + 1) / 2 for v in each] for each in (first, second)]
        expected = float(np.corrcoef(np.array(ranks))[0, 1])
        found = rank_correlation(first, second)
        assert found is not None
        assert found == pytest.approx(expected)
    assert rank_correlation([1, 1, 1], [1, 2, 3]) is None
    (row,) = correlations([run()], TASKS).rows
    assert [cell.text for cell in row.cells] == ["xnli", "4", "+0.40"]  # de 66.6, nl 29.3, ru 278, sw 1.6


def test_a_circle_that_is_none() -> None:
    with pytest.raises(UserError, match="cannot break down by 'familly'") as refused:
        check_circle("familly")
    assert "family" in refused.value.fix
