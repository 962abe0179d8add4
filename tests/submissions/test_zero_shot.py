"""Marks of scores that are not zero-shot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from xharness.submissions.scores import Cell, summarise
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.signature import Signature
from xharness.submissions.zero_shot import PART, is_marked, mark, marks_of_run, with_sign
from xharness.tasks.base import Items
from xharness.tasks.registry import XTREME, built_in

TASKS = built_in()


def scores() -> ScoresFile:
    ids = ("0", "1")
    items = {name: Items(ids, ids, np.ones((2, len(TASKS[name].metric.columns)))) for name in ("xnli", "panx")}
    return summarise([Cell(TASKS[name], "en", found) for name, found in items.items()], XTREME, resamples=0)


def test_marked_tasks_and_their_reasons_stand_in_the_scores() -> None:
    reasons = {"panx": ["panx was chosen on dev in de"], "xnli": [], "udpos": ["no score, so no mark"]}
    found: Any = mark(scores(), reasons).content()["xharness"]
    assert found["not_zero_shot"] == {"panx": ["panx was chosen on dev in de"]}
    assert found["notes"] == ["† panx: not zero-shot: panx was chosen on dev in de"]


def test_nothing_is_written_where_all_is_zero_shot() -> None:
    assert mark(scores(), {"panx": []}) == scores()
    assert scores().not_zero_shot == {}


def test_signatures_say_so() -> None:
    assert is_marked(str(Signature.of(task="xnli.de", **PART)))
    assert not is_marked(str(Signature.of(task="xnli.de")))
    assert not is_marked("")
    assert (with_sign("70.00", True), with_sign("70.00", False)) == ("70.00 †", "70.00")


def test_predictions_of_a_run_carry_its_marks(tmp_path: Path) -> None:
    found = mark(scores(), {"xnli": ["xnli was trained on translations into de"]}).content()
    (tmp_path / "predictions").mkdir()
    assert marks_of_run(tmp_path) == {}
    (tmp_path / "scores.json").write_text(json.dumps(found))
    for folder in (tmp_path, tmp_path / "predictions"):
        assert marks_of_run(folder) == {"xnli": ["xnli was trained on translations into de"]}
