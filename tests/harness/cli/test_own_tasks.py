"""Tasks of the user's own through the commands: fine-tuning, and evaluating by the task's own command."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Tiny
from tests.harness.conftest import Call
from tests.harness.studies.inline import InlineExecutor
from tests.harness.topics import topics_in
from xharness.studies.library import find_study
from xharness.studies.options import StudyOptions
from xharness.studies.planning import plan_study
from xharness.studies.run import run_planned

SIMILAR = Path(__file__).parents[2] / "outside" / "similarity.py"


def data_in(folder: Path) -> Path:
    """A few sentences in two languages."""
    download, labels = folder / "download" / "similar", folder / "labels" / "similar"
    for place in (download, labels):
        place.mkdir(parents=True)
    for language in ("en", "de"):
        for split, count in {"train": 8, "dev": 4}.items():
            (download / f"{split}-{language}.tsv").write_text("".join(f"a {n}\tb\t{n / 8}\n" for n in range(count)))
        (download / f"test-{language}.tsv").write_text("".join(f"a {n}\tb\n" for n in range(4)))
        (labels / f"test-{language}.tsv").write_text("".join(f"{n / 4}\n" for n in range(4)))
    return folder


def test_a_task_type_from_outside_is_trained_and_evaluated(tmp_path: Path, tiny: Tiny, call: Call) -> None:
    own = ("--tasks-from", SIMILAR, "--data", data_in(tmp_path / "data"), "--device", "cpu")
    model = tiny("xlm-roberta", "encoder")
    trained = call("finetune", "--task", "similar", *own, "--model", model, "--out", tmp_path / "ckpt")
    assert trained.code == 0, trained.err
    record = json.loads((tmp_path / "ckpt" / "xharness.json").read_text())
    assert (record["task"], record["recipe"]["epochs"], record["recipe"]["learning_rate"]) == ("similar", 3, 1e-3)
    run = tmp_path / "run"
    assert call("task", "similar", *own, "--model", tmp_path / "ckpt", "--out", run, "--quiet").code == 0
    assert {*json.loads((run / "scores.json").read_text())["xharness"]["tasks"]} == {"similar"}


def test_a_task_in_toml_goes_through_the_commands(tmp_path: Path, tiny: Tiny, call: Call) -> None:
    own, cpu, model = topics_in(tmp_path), ("--device", "cpu"), tiny("xlm-roberta", "encoder")
    checked = call("data", "check", *own, "--tasks", "topics")
    assert checked.code == 0, checked.err
    trained = call("finetune", "--task", "topics", *own, *cpu, "--model", model, "--out", tmp_path / "ckpt")
    assert trained.code == 0, trained.err
    out = tmp_path / "run"
    done = call("evaluate", "--tasks", "topics", *own, *cpu, "--model", tmp_path / "ckpt", "--out", out)
    assert done.code == 0, done.err
    cells = json.loads((out / "scores.json").read_text())["xharness"]["cells"]["topics"]
    assert {language: cell["n"] for language, cell in cells.items()} == {"en": 6, "de": 6}


def test_a_task_in_toml_is_a_target(tmp_path: Path, tiny: Tiny, call: Call) -> None:
    own, model = topics_in(tmp_path), tiny("xlm-roberta", "encoder")
    out = tmp_path / "out"
    chain = ("--model", model, "--targets", "topics", "--out", out, "--device", "cpu", "--allow-incomplete")
    done = call("benchmark", *own, *chain)
    assert done.code == 0, done.err
    (scores,) = out.glob("runs/*/scores.json")
    assert {*json.loads(scores.read_text())["xharness"]["tasks"]} == {"topics"}
    assert "topics" in done.out


STUDY = """
title = "Topics"
question = "Does topics help topics?"
[arms.none]
[arms.twice]
phases = [{ tasks = ["topics"] }]
[targets.topics]
phase = { tasks = ["topics"] }
evaluate = ["topics"]
[[hypotheses]]
name = "twice helps"
arms = ["twice", "none"]
targets = ["topics"]
smallest_effect = 1.0
[sizes.smoke]
seeds = [1, 2]
"""


def test_a_task_in_toml_is_studied(tmp_path: Path, tiny: Tiny) -> None:
    topics_in(tmp_path)
    (tmp_path / "study.toml").write_text(STUDY)
    design = find_study(str(tmp_path / "study.toml"))[1]
    options = StudyOptions(
        model=tiny("xlm-roberta", "encoder"), data=tmp_path / "data", out=tmp_path / "study", size="smoke",
        device="cpu", tasks_from=tmp_path / "topics.toml",
    )  # fmt: skip
    ran = run_planned("topics", plan_study(design, options), InlineExecutor())
    assert ran.findings is not None
    assert [judged.hypothesis.name for judged in ran.findings.judgements] == ["twice helps"]
    assert {(row.arm, row.seed, row.language) for row in ran.rows} == {
        (arm, seed, language) for arm in ("none", "twice") for seed in (1, 2) for language in ("de", "en")
    }


def test_a_task_without_a_recipe_is_refused(tmp_path: Path, call: Call) -> None:
    lines = SIMILAR.read_text().splitlines(keepends=True)
    (tmp_path / "own.py").write_text("".join(line for line in lines if not line.startswith("    recipe=")))
    options = ("--tasks-from", tmp_path / "own.py", "--model", tmp_path, "--data", tmp_path, "--out", tmp_path / "x")
    said = call("finetune", "--task", "similar", *options)
    assert said.code == 1
    assert said.err.strip().splitlines() == [
        "error: no task 'similar' to train on",
        "  why: similar declares no recipe: nothing says how a model is trained for it",
        "  fix: give the Task 'similar' a recipe=Recipe(...)",
    ]


def test_the_command_of_a_task_has_the_options_of_its_type(call: Call) -> None:
    assert "--n-best" in call("task", "xquad", "--help").out
    assert "--margin" in call("task", "bucc2018", "--help").out
    assert "--pooling" not in call("task", "xnli", "--help").out
    assert call("task", "similar", "--help").code == 2
    assert "Evaluate similar." in call("task", "similar", f"--tasks-from={SIMILAR}", "--help").out
