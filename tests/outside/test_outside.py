"""A task type, a task and a metric from outside the package go through every command."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.harness.conftest import Call
from tests.models import save_tiny
from xharness.submissions.check import check
from xharness.submissions.expected import expected_of_data
from xharness.tasks.plugins import load_file
from xharness.tasks.registry import XTREME

FILE = Path(__file__).parent / "similarity.py"
FROM = ("--tasks-from", FILE)
SIZE = 8
WORDS = ("ba", "ko", "lu", "gi", "ne", "tus", "dar", "mi")


@dataclass(frozen=True)
class Outside:
    """Data of the task, and two runs on them by models that differ in their weights."""

    data: Path
    runs: tuple[Path, Path]
    models: tuple[Path, Path]


def write_data(folder: Path) -> Path:
    """Eight pairs of sentences in two languages; English also to train on."""
    for language in ("en", "de"):
        words = WORDS if language == "en" else WORDS[::-1]
        pairs = [f"{' '.join(words[: 1 + row % 5])}\t{words[row]} {words[-row]}" for row in range(SIZE)]
        labels = [f"{row / SIZE:.3f}" for row in range(SIZE)]
        write(folder / "download" / "similar" / f"test-{language}.tsv", pairs)
        write(folder / "labels" / "similar" / f"test-{language}.tsv", labels)
        for split in ("train", "dev"):
            rows = [f"{pair}\t{label}" for pair, label in zip(pairs, labels, strict=True)]
            write(folder / "download" / "similar" / f"{split}-{language}.tsv", rows)
    return folder


def write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    from xharness import evaluate

    folder = tmp_path_factory.mktemp("outside")
    data, models, runs = write_data(folder / "data"), [], []
    for seed in (1, 2):
        models.append(save_tiny(folder / f"model-{seed}", "bert", "sequence", labels=("similarity",), seed=seed))
        runs.append(folder / f"run-{seed}")
        evaluate(model=models[-1], data=data, out=runs[-1], tasks="similar", tasks_from=FILE, device="cpu")
    return Outside(data, (runs[0], runs[1]), (models[0], models[1]))


def answers(run: Path, language: str) -> list[float]:
    return [float(line) for line in (run / "predictions/similar" / f"test-{language}.tsv").read_text().splitlines()]


def pearson(run: Path, language: str) -> float:
    """By numpy, from the file."""
    return float(100 * np.corrcoef(answers(run, language), [row / SIZE for row in range(SIZE)])[0, 1])


def test_evaluate_answers_and_scores(outside: Outside, call: Call, tmp_path: Path) -> None:
    scores = json.loads((outside.runs[0] / "scores.json").read_text(encoding="utf-8"))
    cells = scores["xharness"]["cells"]["similar"]
    assert {language: cells[language]["score"] for language in ("en", "de")} == pytest.approx(
        {language: pearson(outside.runs[0], language) for language in ("en", "de")}
    )
    assert cells["en"]["n"] == SIZE
    again = ("evaluate", "--model", outside.models[0], "--data", outside.data, "--out", tmp_path / "run")
    done = call(*again, "--tasks", "similar", *FROM, "--device", "cpu")
    assert done.code == 0, done.err
    assert answers(tmp_path / "run", "de") == answers(outside.runs[0], "de")


def test_score_needs_no_model(outside: Outside, call: Call) -> None:
    done = call("score", outside.runs[0], outside.data / "labels", *FROM, "--tasks", "similar", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)["xharness"]["cells"]["similar"]
    assert found["de"]["score"] == pytest.approx(pearson(outside.runs[0], "de"))


def test_a_malformed_prediction_is_found_by_the_type(outside: Outside, call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "similar"
    for language in ("en", "de"):
        write(folder / f"test-{language}.tsv", ["0.5"] * SIZE)
    write(folder / "test-de.tsv", ["0.5"] * (SIZE - 3) + ["much"])
    done = call("score", tmp_path, outside.data / "labels", *FROM, "--tasks", "similar")
    assert done.code == 1
    assert f"test-de.tsv:{SIZE - 2}: 'much' is not a number" in done.err + done.out


def test_a_submission_is_checked_against_data_and_gold(outside: Outside) -> None:
    tasks = load_file(FILE)
    expected = expected_of_data(outside.data, XTREME, tasks)
    assert {cell: found.count for cell, found in expected.items()} == {("similar", "en"): SIZE, ("similar", "de"): SIZE}
    assert check(outside.runs[0], XTREME, expected=expected, tasks=tasks) == []
    assert check(outside.runs[0], XTREME, gold=outside.data / "labels", tasks=tasks) == []


def test_a_run_is_checked_and_packed_as_a_submission_of_the_task(outside: Outside, call: Call, tmp_path: Path) -> None:
    chosen = (outside.runs[0], *FROM, "--tasks", "similar", "--data", outside.data)
    done = call("submission", "check", *chosen)
    assert (done.code, done.out) == (0, f"{outside.runs[0]}: complete, 2 files of similar\n"), done.err
    archive = tmp_path / "similar.zip"
    done = call("submission", "pack", *chosen, "--out", archive)
    assert done.code == 0, done.err
    assert done.out.startswith(f"{archive}: 2 of 2 files, sha256 ")
    assert zipfile.ZipFile(archive).namelist() == ["similar/test-de.tsv", "similar/test-en.tsv"]


def test_a_malformed_answer_is_no_submission(outside: Outside, call: Call, tmp_path: Path) -> None:
    run = shutil.copytree(outside.runs[0] / "predictions", tmp_path / "run")
    write(run / "similar" / "test-de.tsv", ["much"] * SIZE)
    chosen = (run, *FROM, "--tasks", "similar", "--labels", outside.data / "labels")
    done = call("submission", "check", *chosen)
    assert done.code == 1
    assert "test-de.tsv:1: 'much' is not a number" in done.err
    assert f"error: {run} is not a complete similar submission" in done.err
    done = call("submission", "pack", *chosen, "--out", tmp_path / "x.zip")
    assert done.code == 1
    assert "not packed: 2 of 2 files are there" in done.err


def test_a_submission_of_the_benchmark_leaves_the_task_out_and_says_so(
    outside: Outside, call: Call, tmp_path: Path
) -> None:
    write(tmp_path / "run" / "xnli" / "test-de.tsv", ["neutral"])
    shutil.copytree(outside.runs[0] / "predictions" / "similar", tmp_path / "run" / "similar")
    archive = tmp_path / "x.zip"
    done = call("submission", "pack", tmp_path / "run", *FROM, "--allow-incomplete", "--out", archive)
    assert done.code == 0, done.err
    assert zipfile.ZipFile(archive).namelist() == ["xnli/test-de.tsv"]
    assert "not of xtreme, and left out: similar; --tasks takes such a task by its name" in done.out


def test_data_check_counts_and_finds_malformed_lines(outside: Outside, call: Call, tmp_path: Path) -> None:
    done = call("data", "check", "--data", outside.data, *FROM, "--tasks", "similar")
    assert done.code == 0, done.err
    assert "similar" in done.out
    data = write_data(tmp_path)
    write(data / "download/similar/test-de.tsv", ["no tab"] * SIZE)
    write(data / "labels/similar/test-en.tsv", ["0.5", "much", *["0.5"] * (SIZE - 2)])
    done = call("data", "check", "--data", data, *FROM, "--tasks", "similar")
    assert done.code == 1
    assert "test-de.tsv:1: no tab" in done.out + done.err
    assert "test-en.tsv:2: 'much' is not a number" in done.out + done.err


def test_runs_are_compared(outside: Outside, call: Call) -> None:
    done = call("compare", *outside.runs, *FROM, "--format", "json", "--resamples", "100")
    assert done.code == 0, done.err
    (comparison,) = json.loads(done.out)["comparisons"]
    changes = {x: pearson(outside.runs[1], x) - pearson(outside.runs[0], x) for x in ("en", "de")}
    cells = {cell["language"]: cell["difference"] for cell in comparison["cells"] if cell["task"] == "similar"}
    assert cells == pytest.approx(changes)
    (task,) = comparison["tasks"]
    assert task["difference"] == pytest.approx(sum(changes.values()) / 2)
    assert task["clusters"] == SIZE  # the languages are parallel


def test_items_that_changed_are_shown_by_the_type(outside: Outside, call: Call) -> None:
    chosen = ("--task", "similar", "--lang", "de", "--status", "all", "--format", "json")
    done = call("diff", *outside.runs, *chosen, *FROM)
    assert done.code == 0, done.err
    item = next(item for item in json.loads(done.out)["changes"] if item["id"] == "1")
    assert item["inputs"] == {"first": "mi dar", "second": "dar ba"}
    assert item["gold"] == "0.125"
    assert float(item["base"]) == answers(outside.runs[0], "de")[1]


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_a_report_has_the_task(outside: Outside, call: Call, tmp_path: Path, name: str) -> None:
    done = call("report", *outside.runs, "--out", tmp_path / name, *FROM, "--resamples", "100")
    assert done.code == 0, done.err
    page = (tmp_path / name).read_text(encoding="utf-8")
    assert "similar" in page
    assert f"{pearson(outside.runs[0], 'de'):.2f}".replace("-", "−") in page


def test_a_leaderboard_lists_the_runs_and_says_what_their_average_lacks(outside: Outside, call: Call) -> None:
    done = call("leaderboard", *outside.runs, "--no-published", *FROM)
    assert done.code == 0, done.err
    assert "run-1: no average without pawsx, xnli" in done.out.replace("\n", " ")


@pytest.mark.parametrize("by", ["task", "language"])
def test_a_leaderboard_shows_the_scores_of_the_task(outside: Outside, call: Call, by: str) -> None:
    done = call("leaderboard", *outside.runs, "--no-published", *FROM, "--by", by, "--format", "csv")
    assert done.code == 0, done.err
    rows = list(csv.DictReader(done.out.splitlines()))
    found = {language: pearson(outside.runs[0], language) for language in ("en", "de")}
    row = next(row for row in rows if row["model"] == "run-1")
    names = {"similar": sum(found.values()) / 2} if by == "task" else {f"similar.{x}": y for x, y in found.items()}
    assert {name: float(row[name]) for name in names} == pytest.approx(names)


def test_a_baseline_keeps_the_task(
    outside: Outside, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("baseline", "set", outside.runs[0], "--name", "own", *FROM)
    assert done.code == 0, done.err
    done = call("baseline", "show", "own", *FROM)
    assert done.code == 0, done.err
    assert "similar" in done.out
    done = call("compare", "@own", outside.runs[1], *FROM, "--resamples", "100", "--format", "markdown")
    assert done.code == 0, done.err
    assert "similar" in done.out


def test_python_takes_the_file_by_the_same_name(outside: Outside) -> None:
    from xharness import compare, score

    found = score(outside.runs[0], outside.data / "labels", tasks="similar", tasks_from=str(FILE), resamples=0)
    assert found.scores["xharness"]["cells"]["similar"]["de"]["score"] == pytest.approx(pearson(outside.runs[0], "de"))
    (task,) = compare(*outside.runs, tasks_from=FILE, resamples=100).tasks
    assert task.name == "similar"


def test_runs_remember_the_file(outside: Outside, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    labels, page = outside.data / "labels", tmp_path / "page.html"
    for command, says in (
        (("score", outside.runs[0], labels), "similar"),
        (("compare", *outside.runs, "--resamples", "100", "--format", "markdown"), "similar"),
        (("diff", *outside.runs, "--task", "similar", "--lang", "de", "--status", "all"), "mi dar"),
        (("leaderboard", *outside.runs, "--no-published"), "tasks outside xtreme"),
        (("breakdown", outside.runs[0]), "similar"),
        (("show", outside.runs[0]), "similar"),
        (("export", outside.runs[0], "--items", "--data", outside.data), "similar"),
        (("push", outside.runs[0], "me/model", "--dry-run", "--out", tmp_path / "push"), "push"),
        (("submission", "check", outside.runs[0], "--tasks", "similar"), "complete, 2 files of similar"),
        (("report", *outside.runs, "--resamples", "100", "--out", page), str(page)),
    ):
        done = call(*command)
        assert (done.code, says in done.out) == (0, True), (command, done.out, done.err)
    assert "similar" in (tmp_path / "push" / "model" / "README.md").read_text(encoding="utf-8").partition("---\n")[2]
    assert "on similar</title>" in page.read_text(encoding="utf-8")
    again = ("evaluate", "--model", outside.models[0], "--data", outside.data, "--out", outside.runs[0])
    done = call(*again, "--tasks", "similar", "--device", "cpu")
    assert done.code == 0, done.err
    assert "everything was done already" in done.out


def test_every_command_that_reads_tasks_has_the_option(call: Call) -> None:
    for command in (
        ["evaluate"],
        ["score"],
        ["compare"],
        ["diff"],
        ["report"],
        ["leaderboard"],
        ["finetune"],
        ["benchmark"],
        ["submission", "check"],
        ["submission", "pack"],
        ["baseline", "set"],
        ["baseline", "show"],
        ["data", "check"],
        ["tasks", "list"],
        ["tasks", "show"],
    ):
        assert "--tasks-from" in call(*command, "--help").out, command


def test_the_task_is_shown(call: Call) -> None:
    done = call("tasks", "show", "similar", *FROM)
    assert done.code == 0, done.err
    assert "sentence similarity" in done.out
    assert "pearson" in done.out
    assert "similar" in call("tasks", "list", *FROM).out


def test_the_task_is_trained_on(outside: Outside, call: Call, tmp_path: Path) -> None:
    encoder = save_tiny(tmp_path / "encoder", "bert", "encoder", seed=3)
    chosen = ("--task", "similar", *FROM, "--device", "cpu", "--set", "steps=6", "--set", "batch_size=4")
    done = call("finetune", "--model", encoder, "--data", outside.data, "--out", tmp_path / "ckpt", *chosen)
    assert done.code == 0, done.err
    out = tmp_path / "run"
    run = ("evaluate", "--model", tmp_path / "ckpt", "--data", outside.data, "--out", out, "--tasks", "similar")
    assert call(*run, *FROM, "--device", "cpu").code == 0
    assert len(answers(out, "en")) == SIZE
