"""``xharness report``: what it writes and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo


@pytest.fixture(scope="module")
def run(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from xharness.evaluation.evaluate import evaluate
    from xharness.evaluation.options import EvaluateOptions

    out = tmp_path_factory.mktemp("runs") / "mine"
    evaluate(EvaluateOptions(model=demo.models, data=demo.data, out=out, tasks="pawsx", langs="en,de", resamples=50))
    return out


def test_it_writes_a_page_and_says_where(call: Call, run: Path, tmp_path: Path) -> None:
    done = call("report", run, "--out", tmp_path / "report.html")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{tmp_path / 'report.html'}: ")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "no total: not all tasks and languages are there" in text


@pytest.mark.parametrize(
    ("name", "arguments", "start"),
    [
        ("r.md", (), "# mine\n"),
        ("r.tex", (), "% Needs \\usepackage{booktabs,graphicx}"),
        ("r.txt", ("--format", "markdown"), "# mine\n"),
        ("r.html", ("--format", "latex"), "% Needs \\usepackage{booktabs,graphicx}"),
    ],
)
def test_the_name_or_the_option_tells_the_format(
    call: Call, run: Path, tmp_path: Path, name: str, arguments: tuple[str, ...], start: str
) -> None:
    assert call("report", run, "--out", tmp_path / name, *arguments, "--quiet").code == 0
    text = (tmp_path / name).read_text("utf-8")
    assert text.startswith(start)
    score = json.loads((run / "scores.json").read_text("utf-8"))["pawsx"]["avg_metric"]
    assert f"{score:.2f}" in text
    assert "average over 2 of 7 languages" in text


def test_without_a_name_the_format_tells_it(
    call: Call, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("report", run, "--format", "markdown").out.startswith("report.md: ")
    assert Path("report.md").read_text("utf-8").startswith("# mine\n")
    assert not Path("report.html").exists()


def test_what_it_refuses_is_said_in_one_line_each(call: Call, run: Path, tmp_path: Path) -> None:
    refused = {
        "is not a run": [tmp_path, "--out", tmp_path / "r.html"],
        "cannot tell the format": [run, "--out", tmp_path / "r.docx"],
        "is a folder": [run, "--out", tmp_path],
        "--resamples is 5": [run, "--out", tmp_path / "r.html", "--resamples", "5"],
    }
    for said, arguments in refused.items():
        done = call("report", *arguments)
        assert done.code == 1
        assert said in done.err.splitlines()[0]
        assert len(done.err.splitlines()) == 3
        assert not (tmp_path / "r.html").exists()
