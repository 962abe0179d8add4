"""One phase from end to end: standard checkpoints, provenance, resume, refusals."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.checkpoint import Head, inspect
from harness.evaluate import evaluate
from harness.options import EvaluateOptions
from harness.train.finetune import finetune
from harness.train.options import FinetuneOptions
from harness.train.phase import prepare
from harness.train.provenance import chain
from tasks.errors import UserError
from tests.harness.conftest import Call, Demo

QUICK = ("steps=6", "batch_size=4", "learning_rate=1e-3", "eval_every=3", "max_length=64")


def options(demo: Demo, out: Path, *tasks: str, **more: Any) -> FinetuneOptions:
    base: dict[str, Any] = {"model": demo.models / "encoder", "data": demo.data, "sets": QUICK, "device": "cpu"}
    return FinetuneOptions(**{**base, "out": out, "tasks": tasks, **more})


@pytest.mark.parametrize(
    ("name", "head"),
    [("xnli", Head.SEQUENCE), ("udpos", Head.TOKEN), ("xquad", Head.SPAN), ("tydiqa", Head.SPAN)],
)
def test_what_comes_out_is_a_standard_checkpoint_that_evaluate_takes(
    demo: Demo, tmp_path: Path, name: str, head: Head
) -> None:
    import transformers

    folder = finetune(options(demo, tmp_path / "ckpt", name))
    model, report = getattr(transformers, head.value).from_pretrained(folder, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert not (folder / ".training").exists()
    checkpoint = inspect(folder)
    assert checkpoint.head is head
    if name == "xnli":
        assert model.config.id2label == {0: "contradiction", 1: "entailment", 2: "neutral"}
    result = evaluate(
        EvaluateOptions(model=folder, data=demo.data, out=tmp_path / "run", tasks=name, langs="en", device="cpu")
    )
    assert name in result.scores
    assert result.manifest["model"]["model"]["provenance"]["recipe"]["steps"] == 6


def test_the_chain_of_phases_is_remembered(demo: Demo, tmp_path: Path) -> None:
    first = finetune(options(demo, tmp_path / "squad", "squad_v1"))
    second = finetune(options(demo, tmp_path / "squad-xnli", "xnli", model=first))
    assert chain(second) == ["pretrained", "squad_v1", "xnli"]
    record = json.loads((second / "xharness.json").read_text())
    assert record["parents"][0]["fingerprint"] == inspect(first).fingerprint
    assert record["zero_shot"] is True
    assert record["data"]["xnli"]["examples"] == len(prepare(options(demo, tmp_path, "xnli")).data["xnli"].train)


def test_a_mixture_makes_a_suite_with_one_encoder(demo: Demo, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    folder = finetune(options(demo, tmp_path / "mix", "xnli", "udpos", "squad_v1"))
    stored = {name: load_file(folder / name / "model.safetensors") for name in ("xnli", "udpos", "squad_v1")}
    name = "roberta.encoder.layer.0.attention.self.query.weight"
    assert all((weights[name] == stored["xnli"][name]).all() for weights in stored.values())
    result = evaluate(EvaluateOptions(model=folder, data=demo.data, out=tmp_path / "run", langs="de", device="cpu"))
    assert {"xnli", "udpos", "xquad", "mlqa"} <= result.scores.keys()


def test_the_same_command_again_does_nothing_and_another_recipe_is_refused(demo: Demo, tmp_path: Path) -> None:
    chosen = options(demo, tmp_path / "ckpt", "xnli")
    folder = finetune(chosen)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    finetune(chosen)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    with pytest.raises(UserError, match="holds another training") as caught:
        finetune(replace(chosen, sets=(*QUICK, "seed=7")))
    assert "recipe.xnli.seed was 42, now 7" in caught.value.why


def test_a_changed_recipe_or_data_on_resume_is_refused_field_by_field(demo: Demo, tmp_path: Path) -> None:
    chosen = options(demo, tmp_path / "ckpt", "xnli")
    finetune(chosen)
    working = tmp_path / "ckpt" / ".training"
    working.mkdir()
    mark = tmp_path / "ckpt" / "xharness.json"
    identity = json.loads(mark.read_text())["identity"]
    mark.unlink()  # as if it had been killed before the end
    identity["data"]["xnli"] = "0" * 64
    (working / "identity.json").write_text(json.dumps(identity))
    with pytest.raises(UserError, match="holds another training") as caught:
        finetune(chosen)
    assert caught.value.why.startswith("data.xnli was 000000000000, now ")


def test_an_encoder_that_is_not_whole_is_refused(demo: Demo, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    parent = Path(shutil.copytree(demo.models / "encoder", tmp_path / "parent"))
    weights = load_file(parent / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, parent / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="is not whole") as caught:
        finetune(options(demo, tmp_path / "ckpt", "xnli", model=parent))
    assert "encoder.layer.1.output.dense.weight" in caught.value.why


def test_a_full_disk_keeps_the_last_good_state(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import harness.train.state as state

    chosen = options(demo, tmp_path / "ckpt", "xnli", save_every=2)
    real, calls = state._sync, []

    def full(folder: Path) -> None:
        calls.append(folder)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(folder)

    monkeypatch.setattr(state, "_sync", full)
    with pytest.raises(UserError, match="cannot save the state of step 4"):
        finetune(chosen)
    assert [path.name for path in (tmp_path / "ckpt/.training/state").iterdir() if path.is_dir()] == ["step-000000002"]
    finetune(chosen)
    assert (tmp_path / "ckpt" / "xharness.json").is_file()


@pytest.mark.parametrize("tasks", [("udpos",), ("xnli", "xquad"), ("mlm", "xnli")], ids="+".join)
def test_killed_and_continued_ends_in_the_same_weights(demo: Demo, tmp_path: Path, tasks: tuple[str, ...]) -> None:
    """SIGKILL at three random places, then the same command, against an undisturbed run: bitwise."""
    sets = ["steps=60", "batch_size=4", "learning_rate=1e-3", "eval_every=20", "max_length=64"]
    command = [sys.executable, "-c", "from harness.cli import main; main()", "finetune", "--quiet", "--device", "cpu"]
    command += ["--model", str(demo.models / "encoder"), "--data", str(demo.data), "--save-every", "7"]
    command += [part for task in tasks for part in ("--task", task)] + [part for s in sets for part in ("--set", s)]
    subprocess.run([*command, "--out", str(tmp_path / "calm")], check=True)
    rng, out, killed = random.Random(len(tasks)), tmp_path / "killed", 0
    for _ in range(3):
        process = subprocess.Popen([*command, "--out", str(out)])
        begun = len(list(out.glob(".training/state/step-*")))
        while process.poll() is None and len(list(out.glob(".training/state/step-*"))) + begun == 0:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed
    subprocess.run([*command, "--out", str(out)], check=True)
    files = sorted(path.relative_to(out) for path in out.rglob("model.safetensors"))
    assert len(files) == len(tasks)
    for path in files:
        assert (out / path).read_bytes() == (tmp_path / "calm" / path).read_bytes()


def test_a_subset_is_taken(demo: Demo, tmp_path: Path) -> None:
    whole = prepare(options(demo, tmp_path, "xnli")).data["xnli"].train
    part = prepare(options(demo, tmp_path, "xnli", examples=3)).data["xnli"].train
    assert len(part) == 3 < len(whole)


def test_plan_says_what_and_trains_nothing(demo: Demo, tmp_path: Path, call: Call) -> None:
    common = ["finetune", "--model", demo.models / "encoder", "--data", demo.data, "--device", "cpu"]
    called = call(*common, "--task", "tydiqa", "--out", tmp_path / "ckpt", "--plan")
    plan = json.loads(called.out)
    assert plan["steps"] >= 3
    assert any("warm-up" in warning for warning in plan["warnings"])
    assert not (tmp_path / "ckpt").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--task", "xnlii"], "error: no task 'xnlii' to train on\n"),
        (["--task", "xnli", "--set", "learning_rat=1"], "did you mean 'learning_rate'?"),
        (["--task", "xnli", "--recipe", "jiantt"], "did you mean 'jiant'?"),
        (["--task", "xnli", "--mixture", "uniformm"], "did you mean 'uniform'?"),
        (["--task", "xnli", "--examples", "0"], "error: --examples is 0\n"),
        (["--task", "xnli", "--loss-weight", "2"], "for example --loss-weight mnli=2"),
        (["--task", "mlm", "--examples", "3"], "error: --examples with mlm\n"),
        (["--task", "qqp"], "error: no English data of qqp in "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes(demo: Demo, tmp_path: Path, call: Call, arguments: list[str], expected: str) -> None:
    common = ["finetune", "--model", demo.models / "encoder", "--data", demo.data, "--out", tmp_path / "ckpt"]
    called = call(*common, *arguments)
    assert called.code == 1
    assert expected in called.err
    assert not (tmp_path / "ckpt").exists()


def test_a_folder_with_other_files_is_left_alone(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UserError, match="is not empty"):
        finetune(options(demo, tmp_path, "xnli"))


def test_translations_are_mixed_in_and_remembered(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "multinli.train.de.tsv"
    file.write_text("premise\thypo\tlabel\nba ko\tlu gi\tneutral\nne tus\tdar\tcontradictory\n", encoding="utf-8")
    plain = prepare(options(demo, tmp_path, "xnli")).data["xnli"].train
    chosen = options(demo, tmp_path / "ckpt", "xnli", translations={"de": file})
    phase = prepare(chosen)
    assert len(phase.data["xnli"].train) == len(plain) + 2
    record = json.loads((finetune(chosen) / "xharness.json").read_text())
    assert record["zero_shot"] is False
    assert record["data"]["xnli"]["files"] == 2
    with pytest.raises(UserError, match="translations for several tasks"):
        prepare(replace(chosen, tasks=("xnli", "pawsx")))
