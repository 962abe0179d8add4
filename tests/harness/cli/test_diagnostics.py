"""``xharness checklist``, ``mixed`` and ``breakdown`` as a user runs them, on tiny models and made-up data."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.harness.conftest import Call, Called
from tests.tasks.diagnostics.made_up import templates, write
from xharness.tasks.xnli import TASK as XNLI


def contents(folder: Path) -> dict[str, bytes]:
    """Everything in a run folder but the file with the times in it."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("manifest.json", ".lock"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def reader(tiny: Tiny) -> Path:
    return tiny("bert", "qa")


@pytest.fixture
def classifier(tiny: Tiny) -> Path:
    return tiny("bert", "sequence", XNLI.labels)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """XNLI in three languages, eight rows each."""
    for language in ("de", "en", "sw"):
        rows = "".join(f"premise {row} {language}\thypothesis {row} {language}\n" for row in range(8))
        for kind, text in (
            ("download", rows),
            ("labels", "\n".join([*XNLI.labels, *XNLI.labels, *XNLI.labels][:8]) + "\n"),
        ):
            path = tmp_path / "data" / kind / "xnli" / f"test-{language}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return tmp_path / "data"


def checklist(call: Call, model: Path, file: Path, out: Path, *more: object) -> Called:
    return call("checklist", "--model", model, "--templates", file, "--out", out, "--device", "cpu", *more)


def test_checklist_shows_error_rates_and_continues(call: Call, reader: Path, tmp_path: Path) -> None:
    file, out = write(tmp_path / "mine.tsv"), tmp_path / "run"
    few = "--cases", 3, "--tests", "comparisons,animals"
    first = checklist(call, reader, file, out, *few)
    assert first.code == 0, first.err
    assert "MultiCheckList: cases failed" in first.out
    assert [line.split()[0] for line in first.out.splitlines() if line.strip()[:2] in ("de", "en", "fi")] == [
        "de",
        "en",
        "fi",
    ]
    before = contents(out)
    shutil.rmtree(out / "items" / "multichecklist-animals")
    (out / "predictions" / "multichecklist-comparisons" / "test-de.json").unlink()
    again = checklist(call, reader, file, out, *few, "--json")
    assert again.code == 0, again.err
    assert contents(out) == before
    told, scores = json.loads(again.out), json.loads((out / "scores.json").read_text())
    cell = scores["xharness"]["cells"]["multichecklist-comparisons"]["de"]
    assert told["tests"]["comparisons"]["de"]["error"] == 100 - cell["score"]
    assert told["tests"]["comparisons"]["de"]["questions"] == 6
    assert told["mean"]["animals"]["error"] == pytest.approx(100 - scores["multichecklist-animals"]["avg_metric"])
    assert "|cases:3|seed:42|" in cell["signature"]
    done = checklist(call, reader, file, out, *few)
    assert "everything was done already" in done.out


def test_other_cases_are_another_run(call: Call, reader: Path, tmp_path: Path) -> None:
    file, out = write(tmp_path / "mine.tsv"), tmp_path / "run"
    few = "--tests", "comparisons", "--langs", "de", "--json"
    assert checklist(call, reader, file, out, "--cases", 3, *few).code == 0
    before = contents(out)
    refused = {("--cases", 2): "cases was 3, now 2", ("--cases", 3, "--seed", 7): "seed was absent, now 7"}
    for draw, told in refused.items():
        other = checklist(call, reader, file, out, *draw, *few)
        assert (other.code, contents(out)) == (1, before)
        assert told in other.err
    other = checklist(call, reader, file, out, "--cases", 2, "--overwrite", *few)
    assert json.loads(other.out)["tests"]["comparisons"]["de"]["questions"] == 4


def test_checklist_refuses_before_a_model_is_loaded(call: Call, reader: Path, classifier: Path, tmp_path: Path) -> None:
    file, out = write(tmp_path / "mine.tsv"), tmp_path / "run"
    refused = {
        "no templates at": checklist(call, reader, tmp_path / "none.tsv", out),
        "unknown test 'animal'": checklist(call, reader, file, out, "--tests", "animal"),
        "--cases is 0": checklist(call, reader, file, out, "--cases", 0),
        "unknown language 'ro'": checklist(call, reader, file, out, "--langs", "ro"),
        "no data in fr": checklist(call, reader, file, out, "--langs", "fr,de"),
        "cannot evaluate multichecklist-comparisons": checklist(call, classifier, file, out),
    }
    for what, found in refused.items():
        assert found.code == 1, what
        assert found.err.startswith(f"error: {what}"), found.err
        assert "  fix: " in found.err
    assert not out.exists()


def test_checklist_lists_what_is_wrong_with_the_templates(call: Call, reader: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "mine.tsv", [*templates()[:3], ("Context", "too", "few"), *templates()[4:]])
    found = checklist(call, reader, file, tmp_path / "run")
    assert found.code == 1
    assert f"{file}:4: 3 columns instead of 7" in found.err
    assert f"{file}:2: test 'A is COMP than B" in found.err


def test_mixed_shows_a_matrix_and_writes_a_page(call: Call, classifier: Path, data: Path, tmp_path: Path) -> None:
    out, page = tmp_path / "run", tmp_path / "m.html"
    command = "mixed", "--model", classifier, "--data", data, "--out", out, "--device", "cpu"
    first = call(*command, "--page", page)
    assert first.code == 0, first.err
    assert "accuracy in percent by language of the first text" in first.out
    assert "mixing costs" in first.out
    assert "<table>" in page.read_text()
    before = contents(out)
    (out / "items" / "xnli-mixed" / "test-de-sw.json").unlink()
    again = call(*command, "--json")
    assert contents(out) == before
    told = json.loads(again.out)
    assert {(one, other) for one, row in told["pairs"].items() for other in row} == {
        (one, other) for one in ("de", "en", "sw") for other in ("de", "en", "sw")
    }
    report = tmp_path / "report.html"
    assert call("report", out, "--out", report, "--data", data).code == 0
    linked = re.findall(r'<a href="#(\w+)">', report.read_text())
    assert "pairs" in linked
    assert not {"heatmap", "languages", "breakdown"} & {*linked}  # no cell is a single language
    shown = call("breakdown", out)
    assert shown.code == 1
    assert "no score by language" in shown.err


def test_mixed_refuses_before_a_model_is_loaded(call: Call, classifier: Path, data: Path, tmp_path: Path) -> None:
    command = "mixed", "--model", classifier, "--data", data, "--out", tmp_path / "run"
    refused = {
        "no task 'xquad' of two languages": call(*command, "--task", "xquad"),
        "unknown language 'dd'": call(*command, "--langs", "dd,en"),
        "no data of xnli in fr": call(*command, "--langs", "fr,en"),
        "a mixture needs two languages": call(*command, "--langs", "en"),
        "--limit is 0": call(*command, "--limit", 0),
    }
    for what, found in refused.items():
        assert found.code == 1, what
        assert found.err.startswith(f"error: {what}"), found.err
    (data / "download" / "xnli" / "test-sw.tsv").write_text("one\ttwo\n")
    found = call(*command)
    assert found.code == 1
    assert "test-sw.tsv" in found.err


def test_breakdown_prints_groups_and_json(call: Call, classifier: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert call("evaluate", "--tasks", "xnli", "--model", classifier, "--data", data, "--out", out, "-q").code == 0
    shown = call("breakdown", out, "--by", "script")
    assert shown.code == 0, shown.err
    assert "de en sw" in shown.out
    told = json.loads(call("breakdown", out, "--by", "pretraining", "--json").out)
    assert [(part["task"], part["group"], part["languages"]) for part in told] == [
        ("xnli", "1 to 10 GiB", ["sw"]),
        ("xnli", "over 50 GiB", ["de", "en"]),
    ]
    wrong = call("breakdown", out, "--by", "age")
    assert (wrong.code, wrong.err.startswith("error: cannot break down by 'age'")) == (1, True)
    assert call("breakdown", tmp_path / "none").err.startswith("error: no run at")
    markdown = tmp_path / "report.md"
    assert call("report", out, "--out", markdown, "--data", data).code == 0
    assert "Means over languages by script" in markdown.read_text()
