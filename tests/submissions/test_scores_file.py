"""scores.json as a text."""

import json

import numpy as np
import pytest

from tests.submissions.made import TASKS, cell, everything, summary
from xharness.submissions.scores import Cell, to_json
from xharness.tasks.base import Items
from xharness.tasks.registry import XTREME


def test_keys_stand_in_the_official_order() -> None:
    scores = summary(reversed(everything(XTREME)), XTREME, resamples=20)
    assert list(scores) == [
        "all_task", "classification", "tagging", "qa", "retrieval", "pawsx", "xnli", "panx", "udpos", "bucc2018",
        "tatoeba", "xquad", "mlqa", "tydiqa", "xharness",
    ]  # fmt: skip
    assert list(scores["xquad"]) == ["exact_match", "f1", "avg_exact_match", "avg_f1", "avg_metric"]
    assert list(scores["panx"]) == ["f1", "precision", "recall", "avg_f1", "avg_precision", "avg_recall", "avg_metric"]
    assert list(scores["mlqa"]["f1"]) == list(XTREME.languages["mlqa"])
    assert scores["all_task"] == pytest.approx(60)


def test_the_text_is_deterministic_json_without_nan() -> None:
    empty = Cell(TASKS["xnli"], "de", Items((), (), np.zeros((0, 2))))
    texts = {to_json(summary([empty, cell("panx", "de")], XTREME, resamples=30)) for _ in range(2)}
    assert len(texts) == 1
    assert json.loads(texts.pop())["xnli"]["avg_metric"] == 0
