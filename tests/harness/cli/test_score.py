"""``score`` as a user meets it."""

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Call
from tests.submissions.conftest import Folders, submission

__all__ = ["submission"]  # a fixture


def test_score_writes_the_file_and_prints_the_table(call: Call, submission: Folders, tmp_path: Path) -> None:
    out = tmp_path / "scores.json"
    code, printed, err = call("score", submission.predictions, submission.labels, "--out", out, "--resamples", 20)
    assert (code, err) == (0, f"{out}: written\n")
    assert next(iter(json.loads(out.read_text()))) == "all_task"
    assert "all tasks" in printed
    assert "15/15" in printed
    assert "XLM-R" not in printed, "the published averages are over other data"


@pytest.mark.parametrize("width", ["20", "60", "200"])
def test_no_number_is_cut_however_narrow_the_screen(
    call: Call, submission: Folders, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    _, printed, _ = call("score", submission.predictions, submission.labels, "--resamples", 20)
    row = next(line for line in printed.split("\n") if line.split()[:1] == ["xnli"])
    assert "…" not in printed
    assert row.split()[1] == "75.00"
    assert row.split()[-2:] == ["15/15", "+0.00"]


def test_score_json_and_quiet(call: Call, submission: Folders) -> None:
    code, printed, _ = call("score", submission.predictions, submission.labels, "--json", "--resamples", 0)
    assert code == 0
    assert json.loads(printed)["xnli"]["avg_metric"] == 75
    assert call("score", submission.predictions, submission.labels, "--quiet", "--resamples", 0) == (0, "", "")


def test_score_is_strict_and_lists_everything(call: Call, submission: Folders, tmp_path: Path) -> None:
    path = submission.prediction("panx", "de")
    path.write_text(path.read_text() + "\n\n")
    out = tmp_path / "scores.json"
    refused = call("score", submission.predictions, submission.labels, "--out", out.with_suffix(".csv"))
    assert "give a name that ends in .json" in refused.err
    code, printed, err = call("score", submission.predictions, submission.labels, "--out", out)
    assert (code, printed) == (1, "")
    assert not out.exists()
    assert err == (
        f"{path}: 5 sentences, but 4 expected (in labels/panx/test-de.tsv); delete the rest\n"
        f"{path}:12: 2 trailing blank lines add 1 empty sentence; keep at most one blank line at the end\n"
        "error: nothing scored\n"
        "  why: 2 problems in 1 place, listed above\n"
        "  fix: fix the files, or score what can be scored with --lenient\n"
    )


def test_lenient_says_what_is_left_out(call: Call, submission: Folders) -> None:
    path = submission.prediction("tatoeba", "de")
    path.write_text("[1]\n[2]\n[3]\n")
    code, printed, err = call("score", submission.predictions, submission.labels, "--lenient", "--resamples", 0)
    assert code == 0
    assert "'[1]' has brackets; write 1" in err
    assert "no overall average; missing: tatoeba (35 of 36 languages)" in printed
    assert "not scored: tatoeba de: test-de.tsv: 3 line numbers, but 4 expected" in printed


def test_score_some_tasks(call: Call, submission: Folders) -> None:
    arguments = (
        "score",
        submission.predictions,
        submission.labels,
        "--json",
        "--resamples",
        0,
        "--tasks",
        "classification",
    )
    _, printed, _ = call(*arguments)
    assert [key for key in json.loads(printed) if key != "xharness"] == ["classification", "pawsx", "xnli"]


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (("--tasks", "xnly"), 1, "error: unknown task 'xnly'\n  why: no task or group has this name\n"
                             "  fix: did you mean 'xnli'?\n"),
    (("--version", "xtreme-x"), 2, "xtreme-x"),
])  # fmt: skip
def test_wrong_names(call: Call, submission: Folders, arguments: tuple[str, str], code: int, message: str) -> None:
    got, _, err = call("score", submission.predictions, submission.labels, *arguments)
    assert got == code
    assert message in err
