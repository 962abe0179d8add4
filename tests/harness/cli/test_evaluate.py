"""``evaluate`` and ``task`` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.harness.conftest import Call, Demo


def test_evaluate_prints_table_and_places(demo: Demo, tmp_path: Path, call: Call) -> None:
    called = call(
        "evaluate", "--model", demo.models / "udpos", "--data", demo.data, "--out", tmp_path / "run", "--tasks",
        "udpos,tatoeba,qa", "--device", "cpu",
    )  # fmt: skip
    assert called.code == 0
    for words in ("33/33", "36/36", "slowest phase: ", "scores.json, predictions/", "not evaluated: xquad"):
        assert words in called.out
    assert "XLM-R Large" not in called.out, "the data are made up"
    assert "% udpos: af ar bg de and 29 more (" in called.err, "a line, where there is no screen"


def test_json_is_all_that_is_printed(demo: Demo, tmp_path: Path, call: Call) -> None:
    called = call(
        "task", "tatoeba", "--model", demo.models, "--data", demo.data, "--out", tmp_path / "run", "--langs", "de",
        "--layer", "last", "--json", "--device", "cpu",
    )  # fmt: skip
    assert json.loads(called.out) == json.loads((tmp_path / "run" / "scores.json").read_text())
    assert called.err == ""


def test_options_of_single_tasks_are_used(demo: Demo, tmp_path: Path, call: Call) -> None:
    common = ["--model", demo.models, "--data", demo.data, "--langs", "de", "--quiet", "--device", "cpu"]
    for name, option in {"a": [], "b": ["--max-answer-length", 1]}.items():
        assert call("task", "xquad", *common, "--out", tmp_path / name, *option).code == 0
    long, short = (json.loads((tmp_path / name / "predictions/xquad/test-de.json").read_text()) for name in "ab")
    assert sum(map(len, short.values())) < sum(map(len, long.values()))
    assert call("task", "bucc2018", *common, "--out", tmp_path / "c", "--threshold", "100").code == 0
    assert (tmp_path / "c" / "predictions/bucc2018/test-de.tsv").read_text() == ""
    assert call("task", "bucc2018", *common, "--out", tmp_path / "d", "--margin", "absolut").code == 1
