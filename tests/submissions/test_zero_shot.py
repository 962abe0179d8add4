"""Marks of scores that are not zero-shot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xharness.submissions.signature import Signature
from xharness.submissions.zero_shot import PART, is_marked, mark, marks, marks_of_run, with_sign


def scores() -> dict[str, Any]:
    return {"xnli": {"avg_metric": 70.0}, "panx": {"avg_metric": 60.0}, "xharness": {"notes": []}}


def test_marked_tasks_and_their_reasons_stand_in_the_scores() -> None:
    found = scores()
    mark(found, {"panx": ["panx was chosen on dev in de"], "xnli": [], "udpos": ["no score, so no mark"]})
    assert marks(found) == {"panx": ["panx was chosen on dev in de"]}
    assert found["xharness"]["notes"] == ["† panx: not zero-shot: panx was chosen on dev in de"]


def test_nothing_is_written_where_all_is_zero_shot() -> None:
    found = scores()
    mark(found, {"panx": []})
    assert found == scores()
    assert marks(found) == {}


def test_signatures_say_so() -> None:
    assert is_marked(str(Signature.of(task="xnli.de", **PART)))
    assert not is_marked(str(Signature.of(task="xnli.de")))
    assert not is_marked("")
    assert (with_sign("70.00", True), with_sign("70.00", False)) == ("70.00 †", "70.00")


def test_predictions_of_a_run_carry_its_marks(tmp_path: Path) -> None:
    found = scores()
    mark(found, {"xnli": ["xnli was trained on translations into de"]})
    (tmp_path / "predictions").mkdir()
    assert marks_of_run(tmp_path) == {}
    (tmp_path / "scores.json").write_text(json.dumps(found))
    for folder in (tmp_path, tmp_path / "predictions"):
        assert marks_of_run(folder) == {"xnli": ["xnli was trained on translations into de"]}
