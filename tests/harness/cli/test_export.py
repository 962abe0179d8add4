"""``xharness export``: what it writes and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import shlex
import shutil
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo
from xharness.export.items import COLUMNS
from xharness.submissions.score_rows import tidy


@pytest.fixture(scope="module")
def made(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from xharness.evaluation.evaluate import evaluate
    from xharness.evaluation.options import EvaluateOptions

    out = tmp_path_factory.mktemp("runs") / "mine"
    tasks = "pawsx,panx,mlqa,tatoeba,bucc2018"
    result = evaluate(EvaluateOptions(model=demo.models, data=demo.data, out=out, tasks=tasks, langs="en,de"))
    assert result.to_pandas().to_dict("records")[0]["task"] == tidy(result.scored)[0]["task"]
    return out


def test_scores_go_to_the_screen_or_to_the_file_that_its_name_says(call: Call, made: Path, tmp_path: Path) -> None:
    shown = call("export", made)
    assert (shown.code, shown.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(shown.out)))
    assert {row["task"] for row in rows} == {"pawsx", "panx", "mlqa", "tatoeba", "bucc2018"}
    scores = json.loads((made / "scores.json").read_text("utf-8"))
    (cell,) = (row for row in rows if (row["task"], row["language"], row["metric"]) == ("pawsx", "de", "accuracy"))
    assert float(cell["value"]) == scores["pawsx"]["accuracy"]["de"]
    assert [float(cell["interval_low"]), float(cell["interval_high"])] == scores["xharness"]["cells"]["pawsx"]["de"][
        "score_interval"
    ]
    for name in ("s.csv", "s.jsonl", "s.parquet"):
        done = call("export", made, "--out", tmp_path / name)
        assert (done.code, done.err, done.out) == (0, "", f"{tmp_path / name}: {name[2:]}\n")
    assert (tmp_path / "s.csv").read_text("utf-8") == shown.out


def test_items_say_what_was_asked_and_answered(call: Call, made: Path) -> None:
    done = call("export", made, "--items")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert {tuple(row) for row in rows} == {COLUMNS}
    answered = json.loads((made / "items/pawsx/test-de.json").read_text("utf-8"))
    of_cell = [row for row in rows if (row["task"], row["language"]) == ("pawsx", "de")]
    assert [row["id"] for row in of_cell] == [str(k) for k in range(answered["n"])]
    given = (made / "predictions/pawsx/test-de.tsv").read_text("utf-8").split()
    assert [row["answer"] for row in of_cell] == given
    assert all((row["score"] == 100) == (row["gold"] == row["answer"]) for row in of_cell)
    assert set(of_cell[0]["input"]) == {"first", "second"}
    assert set(of_cell[0]["statistics"]) == {"right", "items"}


def test_lm_eval_gets_results_and_samples(call: Call, made: Path, tmp_path: Path) -> None:
    assert call("export", made, "--format", "lm-eval", "--items", "--out", tmp_path).code == 0
    (folder,) = tmp_path.iterdir()
    (results,) = folder.glob("results_*.json")
    assert json.loads(results.read_text("utf-8"))["results"]["xharness_pawsx_de"]["acc_stderr,none"] > 0
    (samples,) = folder.glob("samples_xharness_pawsx_de_*.jsonl")
    assert json.loads(samples.read_text("utf-8").splitlines()[0])["doc"].keys() >= {"first", "second"}


def test_what_it_refuses_is_said_in_one_line_each(call: Call, made: Path, tmp_path: Path) -> None:
    refused = {
        "is not a run": [tmp_path, "--out", tmp_path / "r.csv"],
        "cannot tell the format": [made, "--out", tmp_path / "r.xlsx"],
        "--format parquet without --out": [made, "--format", "parquet"],
        "--items with --format mteb": [made, "--format", "mteb", "--items", "--out", tmp_path / "r"],
        "--data without --items": [made, "--data", tmp_path],
        "has nothing that MTEB measures": [made, "--format", "mteb", "--out", tmp_path / "r"],
    }
    for said, arguments in refused.items():
        done = call("export", *arguments)
        assert (done.code, done.out) == (1, ""), said
        assert said in done.err
        assert "Traceback" not in done.err


def test_items_without_their_data_are_refused(call: Call, made: Path, tmp_path: Path, demo: Demo) -> None:
    other = shutil.copytree(demo.data, tmp_path / "data")
    file = other / "download/pawsx/test-en.tsv"
    file.write_text(file.read_text("utf-8").replace("1", "0"), encoding="utf-8")
    done = call("export", made, "--items", "--data", other)
    assert done.code == 1
    assert "is not what" in done.err


def test_the_manifest_names_the_command_and_the_columns(call: Call, demo: Demo, tmp_path: Path) -> None:
    arguments = ["evaluate", "--model", demo.models, "--data", demo.data, "--out", tmp_path / "my run"]
    assert call(*arguments, "--tasks", "pawsx", "--langs", "de", "--quiet").code == 0
    manifest = json.loads((tmp_path / "my run/manifest.json").read_text("utf-8"))
    assert shlex.split(manifest["command"])[:2] == ["xharness", "evaluate"]
    assert str(tmp_path / "my run") in shlex.split(manifest["command"])
    assert manifest["columns"] == {"pawsx": ["right", "items"]}
