"""``leaderboard`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Call
from tests.harness.leaderboard.runs import TUNED, share, write_run
from xharness.submissions.metadata import TEMPLATE


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of one small task."""
    without = ("pawsx", "panx", "udpos", "xquad", "mlqa", "tydiqa", "bucc2018", "tatoeba")
    return write_run(tmp_path / "mine", share(3, 4), without=without)


def test_the_table_names_protocols_runs_and_quoted_rows(call: Call, run: Path) -> None:
    called = call("leaderboard", run, "--by", "task")
    assert (called.code, called.err) == (0, "")
    assert "zero-shot: labelled data in English only; retrieval by the encoder as pretrained" in called.out
    assert "mine" in called.out
    assert "XLM-R Large [quoted]" in called.out
    assert "XLM-R Large is quoted from:" in called.out


def test_without_published_rows(call: Call, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "board.json"
    assert call("leaderboard", run, "--no-published", "--format", "json", "--out", out).out == ""
    (section,) = json.loads(out.read_text())["sections"]
    assert [row["model"] for row in section["rows"]] == ["mine"]
    assert section["rows"][0]["average"] is None
    assert section["rows"][0]["scores"] == {"xnli": 75.0}


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("b.md", "### "),
        ("b.csv", "protocol,rank,"),
        ("b.tex", "% Needs \\usepackage{booktabs,graphicx}. Written by xharness leaderboard."),
        ("b.json", "{"),
        ("b.HTML", "<!doctype html>"),
        ("b.txt", ""),
    ],
)
def test_the_name_of_the_file_tells_the_format(call: Call, run: Path, tmp_path: Path, name: str, start: str) -> None:
    called = call("leaderboard", run, "--no-published", "--by", "task", "--out", tmp_path / name)
    assert (called.code, called.out, called.err) == (0, "", f"{tmp_path / name}: written\n")
    assert (tmp_path / name).read_text().startswith(start)
    assert "mine" in (tmp_path / name).read_text()


def test_an_unknown_ending_is_refused_with_the_known_ones(call: Call, run: Path, tmp_path: Path) -> None:
    for name in ("b.docx", "b"):
        called = call("leaderboard", run, "--out", tmp_path / name)
        assert called.code == 1
        assert "cannot tell the format" in called.err
        assert ".txt, .csv, .json, .md, .html, .tex; or --format table, csv" in called.err
        assert not (tmp_path / name).exists()
    assert call("leaderboard", run, "--out", tmp_path / "b", "--format", "markdown").code == 0
    assert (tmp_path / "b").read_text().startswith("### ")


def test_a_description_belongs_to_a_run(call: Call, run: Path, tmp_path: Path) -> None:
    described = tmp_path / "model.toml"
    described.write_text(TEMPLATE)
    for given in (described, f"{run}={described}"):
        assert "Our Model Large" in call("leaderboard", run, "--metadata", given, "--no-published").out
    called = call("leaderboard", run, run, "--metadata", described)
    assert called.code == 1
    assert "it does not say which one it describes" in called.err
    called = call("leaderboard", run, "--metadata", f"elsewhere={described}")
    assert called.code == 1
    assert "'elsewhere' is none of the runs" in called.err


def test_a_run_of_some_languages_shows_its_tasks(call: Call, tmp_path: Path) -> None:
    without = ("pawsx", "panx", "udpos", "xquad", "mlqa", "tydiqa", "bucc2018", "tatoeba")
    part = write_run(tmp_path / "part", share(3, 4), without=without, langs=("de", "en"))
    called = call("leaderboard", part, "--by", "task", "--no-published")
    assert (called.code, called.err) == (0, "")
    assert "75.00 (2/15)" in called.out
    assert "date" not in called.out, "a table of names and dates alone says nothing"
    rows = json.loads(call("leaderboard", part, "--no-published", "--format", "json").out)["sections"][0]["rows"]
    assert rows[0]["partial"] == {"xnli": [75.0, 2, 15]}
    assert rows[0]["scores"] == {}


def test_a_missing_run_is_one_clear_error(call: Call, tmp_path: Path) -> None:
    called = call("leaderboard", tmp_path / "none")
    assert called.code == 1
    assert "Traceback" not in called.err
    assert len(called.err.splitlines()) == 3


def test_the_template_can_be_filled_in(call: Call) -> None:
    assert call("submission", "template").out == TEMPLATE


def test_seeds_of_a_model_stand_together(call: Call, tmp_path: Path) -> None:
    without = ("pawsx", "panx", "udpos", "xquad", "mlqa", "tydiqa", "bucc2018", "tatoeba")
    failed = {**TUNED, "seed": 3, "did_not_train": ["2 of 4 are right"]}
    for number, (right, provenance) in enumerate(((3, TUNED), (4, {**TUNED, "seed": 2}), (2, failed)), 1):
        write_run(tmp_path / f"a-seed{number}", share(right, 4), without=without, provenance=provenance)
    found = call("leaderboard", "--group", "seed", f"{tmp_path}/a-seed*", "--no-published")
    said = " ".join(found.out.split())
    assert found.code == 0, found.err
    assert "a-seed* (3 runs) [1 of 3 did not train]" in said
    assert "75.00 ± 25.00 (75.00 100.00 50.00)" in said
    assert "a-seed3 did not train: xnli: 2 of 4 are right" in said
    rows = json.loads(call("leaderboard", "--group", "seed", f"{tmp_path}/a-seed*", "--format", "json").out)
    assert {row["seeds"] for row in rows["sections"][0]["rows"]} <= {"a-seed* (3 runs)", ""}
    alone = call("leaderboard", "--group", "seed", tmp_path / "a-seed1")
    assert alone.code == 1
    assert "is not several runs" in alone.err
