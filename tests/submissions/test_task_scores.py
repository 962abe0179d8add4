"""Scores, intervals and the transfer gap of one task."""

import pytest

from tests.submissions.made import cell, everything, summary
from xharness.submissions.scores import Cell
from xharness.submissions.task_scores import score_task
from xharness.tasks.base import Items
from xharness.tasks.registry import XTREME


def test_intervals_do_not_depend_on_what_else_is_scored() -> None:
    alone = summary([cell("xnli", "de")], XTREME, resamples=50, seed=3)
    among = summary(everything(XTREME), XTREME, resamples=50, seed=3)
    assert alone["xharness"]["cells"]["xnli"]["de"] == among["xharness"]["cells"]["xnli"]["de"]


def test_average_of_parallel_languages_is_as_uncertain_as_one_language() -> None:
    """All languages answer the same items alike: averaging 15 of them must not shrink the interval."""
    scores = summary([one for one in everything(XTREME, items=200, right=120) if one.task.name == "xnli"], XTREME)
    low, high = scores["xharness"]["tasks"]["xnli"]["interval"]["avg_metric"]
    assert high - low > 10
    apart = summary([one for one in everything(XTREME, items=200, right=120) if one.task.name == "tatoeba"], XTREME)
    low, high = apart["xharness"]["tasks"]["tatoeba"]["interval"]["avg_accuracy"]
    assert high - low < 4


def test_transfer_gap() -> None:
    result = score_task([cell("xnli", "en", 9), cell("xnli", "de", 5), cell("xnli", "fr", 6)], XTREME, intervals=False)
    assert result.summary.transfer_gap == pytest.approx(35)
    assert score_task([cell("xnli", "de")], XTREME, intervals=False).summary.transfer_gap is None


def test_one_cluster_has_no_interval() -> None:
    one = cell("xquad", "en")
    assert one.items is not None
    items = Items(one.items.ids, ("p",) * 10, one.items.statistics)
    ours = summary([Cell(one.task, "en", items)], XTREME, resamples=50)["xharness"]
    assert ours["cells"]["xquad"]["en"]["score_interval"] is None
    assert ours["tasks"]["xquad"]["interval"] == {}
