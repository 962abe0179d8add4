"""Every command that shows runs or checkpoints marks those that are not zero-shot, and says what the mark means."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo
from xharness.checkpoints.provenance import FILE
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions

LEGEND = "† not zero-shot: labelled data of other languages than English were seen by"
ANSWERED = ("xnli", "pawsx")


@dataclass(frozen=True)
class Runs:
    """Runs of XNLI and PAWS-X in all languages; of ``seen``, the checkpoint for PAWS-X is not zero-shot."""

    plain: Path
    seen: Path
    models: Path


@pytest.fixture(scope="module")
def runs(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("runs")
    models = folder / "models"
    shutil.copytree(demo.models, models)
    why = ["pawsx was chosen on dev in de"]
    record = {"format": 1, "task": "pawsx", "parents": [], "seed": 1, "zero_shot": False, "seen": why}
    (models / "pawsx" / FILE).write_text(json.dumps(record))
    for name, model in {"plain": demo.models, "seen": models}.items():
        tasks = ",".join(ANSWERED)
        evaluate(EvaluateOptions(model=model, data=demo.data, out=folder / name, tasks=tasks, resamples=50))
    return Runs(folder / "plain", folder / "seen", models)


def shown(text: str, table: str, name: str) -> list[str]:
    """The cells of the row of that name in a markdown table below a heading."""
    part = text[text.index(f"## {table}") :]
    row = next(line for line in part.splitlines() if line.startswith((f"| {name} |", f"| **{name}** |")))
    return [cell.strip() for cell in row.split("|")[1:-1]]


def test_every_table_of_a_report_marks_the_numbers(runs: Runs, call: Call, tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    assert call("report", runs.plain, runs.seen, "--across", "--resamples", 100, "--out", out).code == 0
    text = out.read_text("utf-8")
    for table in ("Averages over languages", "Differences to plain"):
        marks = {
            name: ["†" in cell for cell in shown(text, table, name)[1:3]] for name in (*ANSWERED, "classification")
        }
        assert marks == {"xnli": [False, False], "pawsx": [False, True], "classification": [False, True]}
    for table in ("Scores of plain", "Scores of seen"):
        marked = ["†" in cell for cell in shown(text, table, "German")[4:]]
        assert marked == [table == "Scores of seen", False]  # of PAWS-X and XNLI
    assert ["†" in cell for cell in shown(text, "Transfer gap by family", "Germanic")[3:]] == [False, True]
    numbers = [line for line in text[text.index("## Every number") :].splitlines() if line.startswith("| ")]
    assert {("†" in line) for line in numbers if "zero-shot:no" in line} == {True}
    assert {("†" in line) for line in numbers if "zero-shot:no" not in line} == {False}
    headings = [line for line in text.splitlines() if line.startswith("## ") and "† not zero-shot" in line]
    assert sum("Means over languages by" in heading for heading in headings) == 3
    assert len(headings) == 9  # not that of the run that is zero-shot, nor that of the checkpoints


@pytest.mark.parametrize(("name", "sign"), [("report.tex", r"$^{\dagger}$"), ("report.html", "†")])
def test_so_do_latex_and_the_page(runs: Runs, call: Call, tmp_path: Path, name: str, sign: str) -> None:
    for model, marked in ((runs.plain, False), (runs.seen, True)):
        assert call("report", model, "--items", 0, "--out", tmp_path / name).code == 0
        text = (tmp_path / name).read_text("utf-8")
        assert bool(re.search(rf"\d {re.escape(sign)}", text)) is marked
        assert (f"{sign} not zero-shot" in text) is marked


def test_compare_marks_rows_and_says_why(runs: Runs, call: Call) -> None:
    both = " ".join(call("compare", runs.seen, runs.seen, "--resamples", 100).out.split())
    assert f"{LEGEND} base (seen) and new (seen)" in both
    across = ("compare", runs.plain, runs.seen, "--across", "--resamples", 100, "--format")
    text = call(*across, "markdown").out
    assert f"- {LEGEND} new (seen)\n" in text
    marks = {line.split(" | ")[0]: line.count("†") for line in text.splitlines() if line.startswith("| ")}
    assert (marks["| xnli"], marks["| pawsx"], marks["| classification"]) == (0, 1, 1)
    (found,) = json.loads(call(*across, "json").out)["comparisons"]
    rows = {row["name"]: row["not_zero_shot"] for row in (*found["tasks"], *found["groups"], *found["cells"])}
    assert (rows["xnli"], rows["pawsx"], rows["classification"]) == ([], ["new"], ["new"])
    assert (rows["xnli.de"], rows["pawsx.de"]) == ([], ["new"])
    assert "not zero-shot: new" in call(*across, "junit").out
    assert "†" not in call("compare", runs.plain, runs.plain, "--resamples", 100).out


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_diff_marks_the_score(runs: Runs, call: Call, form: str) -> None:
    out = call("diff", runs.plain, runs.seen, "--task", "pawsx", "--lang", "de", "--format", form).out
    assert re.search(r"pawsx de: \d+\.\d\d -> \d+\.\d\d † \(", out)
    assert f"{LEGEND} new\n" in re.sub(" +\n", "\n", out)
    assert "†" not in call("diff", runs.plain, runs.seen, "--task", "xnli", "--lang", "de", "--format", form).out


def test_diff_says_so_in_json(runs: Runs, call: Call) -> None:
    for task, sides in {"xnli": [], "pawsx": ["base"]}.items():
        out = call("diff", runs.seen, runs.plain, "--task", task, "--lang", "de", "--format", "json").out
        assert json.loads(out)["not_zero_shot"] == sides


def test_a_checkpoint_is_shown_with_the_reason(runs: Runs, call: Call) -> None:
    assert "† no: pawsx was chosen on dev in de" in call("models", "show", runs.models / "pawsx").out
    assert "zero-shot" not in call("models", "show", runs.models / "xnli").out  # nothing is known of it
