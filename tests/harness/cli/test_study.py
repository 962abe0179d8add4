"""``xharness study``: list, plan, status and report, on studies whose results were written by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo
from tests.harness.studies.written import write_study
from xharness.studies.record import RecordedStudy

PLANNED = """
title = "Two arms"
question = "q"
[arms.none]
[arms.mnli]
phases = [{ tasks = ["mnli"], recipe = "jiant" }]
[targets.pawsx]
phase = { tasks = ["pawsx"] }
evaluate = ["pawsx"]
[sizes.smoke]
seeds = [1, 2]
examples = 8
languages = ["en", "de"]
set = { steps = 2 }
"""


@pytest.fixture
def half(tmp_path: Path) -> RecordedStudy:
    """A study of which one step failed and one was not tried."""
    study = write_study(tmp_path, size="smoke", items=40, without={"small → xnli, seed 1", "mnli, seed 2"})
    failed = next(step for step in study.graph if step.title == "mnli, seed 2")
    study.store.log(failed.id).parent.mkdir(parents=True)
    study.store.log(failed.id).write_text("step 1\nthe card is full\n", encoding="utf-8")
    study.store.fail(failed.id, "out of memory")
    return study


def plan(demo: Demo, tmp_path: Path, *more: object) -> tuple[object, ...]:
    file = tmp_path / "two.toml"
    file.write_text(PLANNED, encoding="utf-8")
    options = ("--model", demo.models / "encoder", "--data", demo.data, "--size", "smoke", "--device", "cpu")
    return ("study", "plan", file, *options, "--out", tmp_path / "out", "--speed", "1", *more)


def test_list(call: Call) -> None:
    done = call("study", "list")
    assert done.code == 0
    assert "phang2020: English intermediate tasks" in done.out
    assert len(json.loads(call("study", "list", "--json").out)) == 6


def test_plan_shows_steps_and_writes_nothing(call: Call, demo: Demo, tmp_path: Path) -> None:
    done = call(*plan(demo, tmp_path))
    assert (done.code, done.err) == (0, "")
    assert "two, size smoke" in done.out
    assert "train" in done.out and "evaluate" in done.out
    assert not (tmp_path / "out").exists()


def test_plan_is_of_what_was_chosen(call: Call, demo: Demo, tmp_path: Path) -> None:
    whole = json.loads(call(*plan(demo, tmp_path, "--json")).out)
    part = json.loads(call(*plan(demo, tmp_path, "--json", "--arms", "none", "--seeds", "2")).out)
    assert whole != part


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--arms", "mnly"), "unknown arm 'mnly'"),
        (("--targets", "paws"), "unknown target 'paws'"),
        (("--size", "smal"), "unknown size 'smal'"),
        (("--seeds", "one"), "cannot read --seeds one"),
        (("--set", "batch_sise=1"), "batch_sise"),
        (("--count", "pawsx=" + "9" * 5000), "cannot read --count pawsx=999"),
        (("--speed", "inf"), "--speed is inf"),
    ],
)
def test_plan_refuses_in_three_lines(call: Call, demo: Demo, tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    done = call(*plan(demo, tmp_path, *more))
    assert done.code == 1
    assert said in done.err.splitlines()[0]
    assert len(done.err.splitlines()) == 3


def test_an_unknown_study_is_refused(call: Call, demo: Demo, tmp_path: Path) -> None:
    done = call(*(each if each != tmp_path / "two.toml" else "skaling" for each in plan(demo, tmp_path)))
    assert done.code == 1
    assert "unknown study 'skaling'" in done.err
    assert "did you mean 'scaling'?" in done.err


def test_status(call: Call, half: RecordedStudy) -> None:
    done = call("study", "status", half.out)
    assert done.code == 0
    assert done.out.startswith("made: 10 steps: 8 done, 0 running, 1 waiting, 1 failed, 0 blocked")
    assert "failed: mnli, seed 2: out of memory" in done.out
    assert "    the card is full" in done.out
    found = json.loads(call("study", "status", half.out, "--json").out)
    assert (found["steps"], len(found["done"]), found["waiting"]) == (10, 8, ["small → xnli, seed 1"])


@pytest.mark.parametrize("command", ["status", "report"])
def test_what_is_no_study_is_refused(call: Call, tmp_path: Path, command: str) -> None:
    more = ("--out", tmp_path / "r.html") if command == "report" else ()
    done = call("study", command, tmp_path, *more)
    assert done.code == 1
    assert f"{tmp_path} is not a study" in done.err.splitlines()[0]
    assert len(done.err.splitlines()) == 3


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("r.html", "<!DOCTYPE html>"),
        ("r.md", "# Does intermediate training help?"),
        ("r.tex", "% Needs \\usepackage{booktabs,graphicx}"),
        ("r.csv", "arm,target,languages,seeds,score,"),
        ("R.JSON", "{"),
    ],
)
def test_the_ending_tells_the_format(call: Call, half: RecordedStudy, tmp_path: Path, name: str, start: str) -> None:
    done = call("study", "report", half.out, "--out", tmp_path / name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{tmp_path / name}: ")
    assert (tmp_path / name).read_text("utf-8").startswith(start)
    assert call("study", "report", half.out, "--out", tmp_path / name, "--quiet").out == ""


@pytest.mark.parametrize("name", ["r.docx", "r"])
def test_other_endings_are_refused_with_those_that_are_known(
    call: Call, half: RecordedStudy, tmp_path: Path, name: str
) -> None:
    done = call("study", "report", half.out, "--out", tmp_path / name)
    assert done.code == 1
    assert "cannot tell the format" in done.err.splitlines()[0]
    assert ".html, .md, .tex, .csv, .json" in done.err.splitlines()[2]
    assert not (tmp_path / name).exists()


def test_a_changed_study_is_refused(call: Call, half: RecordedStudy, tmp_path: Path) -> None:
    file = half.out / "study.json"
    file.write_text(file.read_text("utf-8").replace("smoke", "small"), encoding="utf-8")
    done = call("study", "report", half.out, "--out", tmp_path / "r.html")
    assert done.code == 1
    assert "cannot read" in done.err.splitlines()[0]
    assert len(done.err.splitlines()) == 3


def test_what_would_be_ignored_is_refused_even_where_nothing_runs(call: Call, demo: Demo, tmp_path: Path) -> None:
    study, _, file, *options, _, _ = plan(demo, tmp_path)
    for more, said in (
        (("--jobs", 0), "--jobs is 0"),
        (("--address", "here:6379"), "--address with --executor local"),
        (("--partition", "gpu"), "--partition with --executor local"),
        (("--time-limit", 60), "--time-limit with --executor local"),
        (("--store", tmp_path / "two.toml"), "--store"),
    ):
        done = call(study, "run", file, *options, "--dry-run", *more)
        assert done.code != 0
        assert done.err.startswith("error: ") and said in done.err
