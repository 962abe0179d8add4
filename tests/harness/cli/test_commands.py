"""Commands as a user calls them: help, tasks, evaluate, task and demo."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo

COMMANDS = [
    ["evaluate"], ["score"], ["demo"], ["tasks", "list"], ["tasks", "show"], ["data", "check"],
    ["data", "translation-quality"],
    ["submission", "check"], ["submission", "pack"], ["finetune"], ["benchmark"],
    *(["task", name] for name in "xnli pawsx udpos panx xquad mlqa tydiqa bucc2018 tatoeba xcopa".split()),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(call: Call, command: list[str]) -> None:
    called = call(*command, "--help")
    assert called.code == 0
    assert f"Example: xharness {' '.join(command)}" in " ".join(called.out.split())


def test_help_and_lists_import_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['xharness', 'tasks', 'list']; from xharness.cli import main\ntry: main()\n"
    code += "finally: print([name for name in ('torch', 'transformers', 'faiss', 'matplotlib') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_version(call: Call) -> None:
    from xharness.tasks.common.version import VERSION

    assert call("--version").out == f"xharness {VERSION}\n"


def test_tasks_list_and_show(call: Call) -> None:
    listed = call("tasks", "list").out
    assert "bucc2018" in listed
    assert "qa: xquad, mlqa, tydiqa" in listed
    assert len(json.loads(call("tasks", "list", "--json").out)["panx"]) == 40
    shown = call("tasks", "show", "xnli").out
    for fact in ("contradiction", "accuracy", "learning_rate", "test-ar.tsv", "CC BY-NC", "The door is open."):
        assert fact in shown
    assert json.loads(call("tasks", "show", "tydiqa", "--json").out)["test examples"]["te"] == 669


def test_evaluate_prints_table_and_places(demo: Demo, tmp_path: Path, call: Call) -> None:
    called = call(
        "evaluate", "--model", demo.models / "udpos", "--data", demo.data, "--out", tmp_path / "run", "--tasks",
        "udpos,tatoeba,qa", "--device", "cpu",
    )  # fmt: skip
    assert called.code == 0
    for words in ("33/33", "36/36", "73.8", "slowest phase: ", "scores.json, predictions/", "not evaluated: xquad"):
        assert words in called.out


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


def test_demo_runs_the_main_job_and_packs_it(tmp_path: Path, call: Call) -> None:
    called = call("demo", "--out", tmp_path / "demo", "--untrained")
    assert called.code == 0
    assert "162 of 162 files" in called.out
    assert (tmp_path / "demo" / "submission.zip").is_file()
    assert "all_task" in json.loads((tmp_path / "demo" / "run" / "scores.json").read_text())
    again = call("demo", "--out", tmp_path / "demo", "--untrained", "--quiet")
    assert (again.code, again.err) == (0, "")
