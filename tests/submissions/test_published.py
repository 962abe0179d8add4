"""Published averages stand beside scores over the same data only."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.submissions.made import cell
from xharness.submissions.published import published_average
from xharness.submissions.scores import Cell, summarise
from xharness.tasks import bucc2018, xnli
from xharness.tasks.base import Task
from xharness.tasks.registry import XTREME


def average(task: Task, sizes: Mapping[str, int], signature: str = "metric:m") -> float | None:
    cells = [cell(task.name, language) for language in sizes]
    sized = [
        Cell(task, each.language, each.items, signature, n=number)
        for each, number in zip(cells, sizes.values(), strict=True)
    ]
    return published_average(summarise(sized, XTREME, resamples=0), task)


def test_like_with_like() -> None:
    assert average(xnli.TASK, xnli.TASK.published) == 79.2


@pytest.mark.parametrize("change", ["a part of the items", "a made-up world", "a part of the languages"])
def test_other_data_have_none(change: str) -> None:
    whole = dict(xnli.TASK.published)
    sizes = {
        "a part of the items": {**whole, "de": 100},
        "a made-up world": dict.fromkeys(whole, 60),
        "a part of the languages": {"de": whole["de"], "en": whole["en"]},
    }
    assert average(xnli.TASK, sizes[change]) is None


def test_perturbed_data_have_none() -> None:
    assert average(xnli.TASK, xnli.TASK.published, "metric:m|perturbation:reversal") is None


def test_mining_has_an_item_for_each_sentence_with_a_pair() -> None:
    whole = bucc2018.TASK.published
    assert average(bucc2018.TASK, {language: number + 500 for language, number in whole.items()}) == 66.0
    assert average(bucc2018.TASK, dict.fromkeys(whole, 51)) is None
