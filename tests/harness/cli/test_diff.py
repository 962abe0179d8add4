"""``diff`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Call
from tests.harness.diff.runs import write_files, write_run


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs on four pairs and two tagged sentences; texts are full of what markup could take for its own."""
    data = write_files(
        tmp_path / "data",
        {
            "download/xnli/test-de.tsv": "a [bold]b[/bold]\tc | d\ne\tf\ng\th\ni\tj\n",
            "labels/xnli/test-de.tsv": "neutral\nentailment\nneutral\nneutral\n",
            "download/udpos/test-de.tsv": "Der\tDET\nHund\tNOUN\n\nEr\tPRON\n",
            "labels/udpos/test-de.tsv": "DET\nNOUN\n\nPRON\n",
        },
    )
    base = {
        ("xnli", "de"): ["entailment", "entailment", "entailment", "neutral"],
        ("udpos", "de"): [["DET", "VERB"], ["PRON"]],
    }
    new = {
        ("xnli", "de"): ["neutral", "neutral", "contradiction", "neutral"],
        ("udpos", "de"): [["DET", "NOUN"], ["PRON"]],
    }
    return write_run(tmp_path / "base", data, base), write_run(tmp_path / "new", data, new)


def test_the_table_has_counts_items_and_what_is_left_out(call: Call, runs: tuple[Path, Path]) -> None:
    called = call("diff", *runs, "--task", "xnli", "--lang", "de", "--limit", 2)
    assert (called.code, called.err) == (0, "")
    assert "xnli de: 50.00 -> 50.00 (+0.00) over 4 items" in called.out
    assert "1 fixed, 1 broken, 1 both wrong, 0 both right, 1 unchanged" in called.out
    assert "+25.000" in called.out
    assert "a [bold]b[/bold]" in called.out
    assert "not shown: 1 more with --limit 0" in called.out


def test_status_chooses(call: Call, runs: tuple[Path, Path]) -> None:
    out = call("diff", *runs, "--task", "xnli", "--lang", "de", "--status", "both-wrong", "--format", "json").out
    assert [change["status"] for change in json.loads(out)["changes"]] == ["both wrong"]
    called = call("diff", *runs, "--task", "xnli", "--lang", "de", "--status", "brokn")
    assert called.code == 1
    assert "did you mean 'broken'?" in called.err


def test_json_and_markdown_say_the_same(call: Call, runs: tuple[Path, Path], tmp_path: Path) -> None:
    arguments = ("diff", *runs, "--task", "xnli", "--lang", "de", "--format")
    content = json.loads(call(*arguments, "json").out)
    assert content["scores"] == {"base": 50.0, "new": 50.0}
    assert content["counts"] == {"fixed": 1, "broken": 1, "both wrong": 1, "both right": 0}
    written = tmp_path / "diff.md"
    assert call(*arguments[:-1], "--out", written)[1:] == ("", f"{written}: written\n")
    lines = written.read_text().splitlines()
    rows = [line for line in lines if line.startswith("| fixed")]
    assert len(rows) == 1
    assert r"c \| d" in rows[0]
    assert r"\[bold\]" in rows[0]


def test_the_table_as_a_file_has_the_confusion(call: Call, runs: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "diff.txt"
    assert call("diff", *runs, "--task", "udpos", "--lang", "de", "--out", out).code == 0
    text = out.read_text()
    assert "Hund/NOUN" in text
    header, base, new = (
        next(line.split() for line in text.splitlines() if line.split()[:2] == start)
        for start in (["gold", "run"], ["NOUN", "base"], ["new", "·"])
    )
    assert header == ["gold", "run", "DET", "NOUN", "PRON", "VERB"]
    assert base == ["NOUN", "base", "·", "·", "·", "1"]
    assert new == ["new", "·", "1", "·", "·"]


def test_a_missing_cell_is_one_clear_error(call: Call, runs: tuple[Path, Path]) -> None:
    called = call("diff", *runs, "--task", "xnli", "--lang", "fr")
    assert called.code == 1
    assert called.err.splitlines()[0].endswith("has no xnli in 'fr'")
    assert "it holds xnli in de" in called.err
    assert "Traceback" not in called.err
