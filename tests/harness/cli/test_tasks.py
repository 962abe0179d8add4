"""``tasks`` as a user calls it."""

from __future__ import annotations

import json

from tests.harness.conftest import Call


def test_tasks_list_and_show(call: Call) -> None:
    listed = call("tasks", "list").out
    assert "bucc2018" in listed
    assert "qa: xquad, mlqa, tydiqa" in listed
    assert len(json.loads(call("tasks", "list", "--json").out)["panx"]) == 40
    shown = call("tasks", "show", "XNLI").out
    assert "accuracy: accuracy" not in shown
    for fact in ("contradiction", "accuracy", "learning_rate", "test-ar.tsv", "CC BY-NC", "The door is open."):
        assert fact in shown
    assert json.loads(call("tasks", "show", "tydiqa", "--json").out)["test examples"]["te"] == 669
