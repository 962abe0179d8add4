"""``xharness compare`` and ``xharness baseline`` as a user calls them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.harness.comparison.made import benchmark_cells, right, write_run
from tests.harness.conftest import Call

QUICK = ("--resamples", 500)


@dataclass(frozen=True)
class Runs:
    before: Path
    after: Path
    worse: Path
    part: Path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """A run, another seed of it, one that is worse in XNLI, and one that lacks tasks."""
    folder = tmp_path_factory.mktemp("runs")
    before, after, bad = benchmark_cells(0), benchmark_cells(1), benchmark_cells(2, better=-0.12)
    worse = {name: bad[name] if name[0] == "xnli" else items for name, items in before.items()}
    part = {name: items for name, items in after.items() if name[0] == "udpos"}
    return Runs(
        write_run(folder / "before", before),
        write_run(folder / "after", after, model="b" * 64),
        write_run(folder / "worse", worse, model="c" * 64),
        write_run(folder / "part", part, model="b" * 64),
    )


def last(text: str) -> str:
    return text.rstrip().splitlines()[-1]


def test_the_table_and_a_gate_that_passes(runs: Runs, call: Call) -> None:
    called = call("compare", runs.before, runs.before, *QUICK, "--fail-on", "regression")
    assert called.code == 0
    assert "before → before" in called.out
    for name in ("xnli", "tatoeba", "qa", "all tasks"):
        assert f" {name} " in called.out
    assert "every item scores the same on both sides" in called.out
    assert last(called.out) == "no regression: nothing loses at 0.05"


def test_a_gate_that_fails_says_which(runs: Runs, call: Call) -> None:
    called = call("compare", runs.before, runs.worse, *QUICK, "--fail-on", "regression")
    assert called.code == 1
    assert last(called.out).startswith("regression: xnli loses ")
    assert "▼" in called.out
    forgiven = call("compare", runs.before, runs.worse, *QUICK, "--fail-on", "regression", "--margin", "60")
    assert forgiven.code == 0
    assert last(forgiven.out) == "no regression: nothing loses more than 60 points at 0.05"
    ungated = call("compare", runs.before, runs.worse, *QUICK)
    assert ungated.code == 0


def test_missing_cells_are_said_and_may_fail(runs: Runs, call: Call) -> None:
    called = call("compare", runs.before, runs.part, *QUICK, "--fail-on", "regression")
    assert called.code == 0
    assert "missing in new (part): pawsx, xnli, panx, " in called.out
    assert last(called.out).endswith("missing: 129 cells of base")
    assert call("compare", runs.before, runs.part, *QUICK, "--fail-on", "missing").code == 1


def test_json_is_only_json(runs: Runs, call: Call) -> None:
    called = call("compare", runs.before, runs.worse, runs.after, *QUICK, "--format", "json", "--fail-on", "regression")
    found = json.loads(called.out)
    assert [c["new"]["name"] for c in found["comparisons"]] == ["worse", "after"]
    assert called.code == 1
    assert called.err.startswith("regression: worse: xnli loses ")
    xnli = next(row for row in found["comparisons"][0]["tasks"] if row["name"] == "xnli")
    assert xnli["regression"]
    assert xnli["interval"][0] < xnli["difference"] < xnli["interval"][1] < 0


def test_junit_in_a_file(runs: Runs, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "gate.xml"
    called = call("compare", runs.before, runs.worse, *QUICK, "--out", out, "--fail-on", "regression")
    assert called.code == 1
    assert "all tasks" in called.out
    suite = ElementTree.parse(out).getroot()[0]
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert "xnli" in failed
    assert suite.get("failures") == str(len(failed))
    assert suite.get("tests") == "10"


def test_github_annotations(runs: Runs, call: Call) -> None:
    lines = call("compare", runs.before, runs.worse, *QUICK, "--format", "github").out.splitlines()
    assert lines[0].startswith("::error title=regression in xnli::xnli loses ")
    assert lines[-1].startswith("::notice title=before → worse::all tasks: ")
    assert all(line.startswith("::") for line in lines)


def test_markdown(runs: Runs, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "compare.md"
    assert call("compare", runs.before, runs.part, *QUICK, "--out", out, "--cells").code == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "### before → part"
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + 1 + 33  # head, udpos, its cells
    assert len({line.count("|") for line in table}) == 1
    assert any(line.startswith("- missing in new") for line in lines)


def test_text_in_a_file(runs: Runs, tmp_path: Path, call: Call) -> None:
    call("compare", runs.before, runs.after, *QUICK, "--out", tmp_path / "x.txt")
    assert "before → after" in (tmp_path / "x.txt").read_text(encoding="utf-8")
    called = call("compare", runs.before, runs.after, *QUICK, "--out", tmp_path / "x.pdf")
    assert called.code == 1
    assert "or --format table, markdown, json" in called.err


def test_baselines(runs: Runs, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "no baselines" in call("baseline", "list").out
    said = call("baseline", "set", runs.before).out
    assert said.startswith(".xharness/baselines/main.npz.xz: 162 cells, 6,480 items, ")
    first = (tmp_path / ".xharness/baselines/main.npz.xz").read_bytes()
    call("baseline", "set", runs.before)
    assert (tmp_path / ".xharness/baselines/main.npz.xz").read_bytes() == first
    assert call("baseline", "list").out.startswith("@main  from before, xharness ")
    shown = call("baseline", "show").out
    assert "all tasks" in shown
    assert "aaaaaaaa" in shown
    for arguments in ((runs.worse, "--base", "@main"), ("@main", runs.worse)):
        assert call("compare", *arguments, *QUICK, "--fail-on", "regression").code == 1
    assert call("compare", runs.before, "--base", "@main", *QUICK, "--fail-on", "regression").code == 0


def test_seeds(tmp_path: Path, call: Call) -> None:
    for side, better in (("a", 0.0), ("b", -0.1)):
        for seed in range(3):
            cells = benchmark_cells(seed + 1, size=100, better=better)
            chosen = {name: items for name, items in cells.items() if name[0] == "udpos"}
            write_run(tmp_path / side / f"seed{seed}", chosen, model=f"{side}{seed}" * 32, seed=seed)
    (tmp_path / "b" / "seed0" / "scores.json").unlink()
    called = call("compare", tmp_path / "a", tmp_path / "b", "--group", "seed", *QUICK, "--fail-on", "regression")
    assert called.code == 1
    assert "every run" in called.out
    assert "failed: 1 of 3 runs of new:" in called.out
    assert "(3 runs)" in called.out.replace("\n", "")


WRONG = {
    "one run": (["{before}"], "one run is given"),
    "no such run": (["{before}", "{before}x"], "did you mean {before}?"),
    "unknown baseline": (["@nightly", "{before}"], "no baseline '@nightly'"),
    "alpha": (["{before}", "{after}", "--alpha", "5"], "--alpha is 5.0"),
    "no run": (["{before}", "{folder}"], "is not a run"),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_gets_one_clear_line(name: str, runs: Runs, call: Call) -> None:
    arguments, expected = WRONG[name]
    places = {"before": runs.before, "after": runs.after, "folder": runs.before.parent}
    called = call("compare", *(argument.format(**places) for argument in arguments))
    assert called.code == 1
    assert expected.format(**places) in called.err
    assert [line[:6] for line in called.err.splitlines()] == ["error:", "  why:", "  fix:"]


def test_a_run_of_an_older_version(runs: Runs, tmp_path: Path, call: Call) -> None:
    cells = {("xnli", "de"): right([1.0, 0.0] * 10)}
    old = write_run(tmp_path / "old", cells, version="0.0.9")
    new = write_run(tmp_path / "new", cells, version="0.1.0")
    called = call("compare", old, new)
    assert called.code == 1
    assert "why: version was 0.0.9, now 0.1.0 (xnli.de)" in called.err
    across = call("compare", old, new, "--across", *QUICK)
    assert across.code == 0
    assert "≠ measured differently: version was 0.0.9, now 0.1.0" in across.out
