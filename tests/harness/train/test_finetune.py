"""One phase from end to end: standard checkpoints, provenance, resume, refusals."""

from __future__ import annotations

import json
import os
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

from tests.harness.compute.encoders import config_of, save, with_token
from tests.harness.conftest import Call, Demo
from tests.harness.train.phases import QUICK, options
from xharness.checkpoints.checkpoint import Head, inspect
from xharness.checkpoints.provenance import chain
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.common.errors import UserError
from xharness.train.finetune import finetune
from xharness.train.folder import PhaseFolder
from xharness.train.mixture_options import MixtureOptions
from xharness.train.prepare import prepare
from xharness.train.specify import specify


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
    assert {key.split(".")[1] for key in report["unexpected_keys"]} == {"pooler"}  # kept for a later phase
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
    assert "seed was 42, now 7" in caught.value.why


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


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"num_hidden_layers": 2}, "weights have no place in the model"), ({"intermediate_size": 7}, "other shapes")],
)
def test_weights_that_the_config_does_not_describe_are_refused(
    demo: Demo, tmp_path: Path, change: dict[str, int], expected: str
) -> None:
    parent = Path(shutil.copytree(demo.models / "encoder", tmp_path / "parent"))
    config = json.loads((parent / "config.json").read_text())
    (parent / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(UserError) as caught:
        finetune(options(demo, tmp_path / "ckpt", "xnli", model=parent))
    assert expected in caught.value.why


def test_weights_of_heads_are_left_in_the_file(demo: Demo, tmp_path: Path) -> None:
    import numpy as np
    from safetensors.numpy import load_file, save_file

    parent = Path(shutil.copytree(demo.models / "encoder", tmp_path / "parent"))
    weights = load_file(parent / "model.safetensors")
    weights |= dict.fromkeys(("classifier.layer.0.weight", "decoder.block.7.weight"), np.zeros(3, np.float32))
    save_file(weights, parent / "model.safetensors", metadata={"format": "pt"})
    assert finetune(options(demo, tmp_path / "ckpt", "xnli", model=parent)).is_dir()


def test_whoever_may_read_the_folder_may_read_the_checkpoint(demo: Demo, tmp_path: Path) -> None:
    folder = finetune(options(demo, tmp_path / "ckpt", "xnli"))
    readable = folder.stat().st_mode & 0o044
    assert all(file.stat().st_mode & 0o044 == readable for file in folder.iterdir() if file.is_file())


@pytest.mark.parametrize("what", ["the best weights", "the checkpoint"])
def test_a_full_disk_elsewhere_is_said_in_words(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """safetensors has an error of its own for it."""
    import safetensors.torch

    import xharness.train.model as model

    def full(*_arguments: object, **_more: object) -> None:
        raise safetensors.SafetensorError("I/O error: No space left on device (os error 28)")

    place = (safetensors.torch, "save_file") if what == "the best weights" else (model, "save_checkpoint")
    with monkeypatch.context() as patch:
        patch.setattr(*place, full)
        with pytest.raises(UserError, match=f"cannot save {what}") as caught:
            finetune(options(demo, tmp_path / "ckpt", "xnli", save_every=100))
        assert "No space left on device" in caught.value.why
    assert (finetune(options(demo, tmp_path / "ckpt", "xnli", save_every=100)) / "xharness.json").is_file()


def test_a_full_disk_keeps_the_last_good_state(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = options(demo, tmp_path / "ckpt", "xnli", save_every=2)
    real, second = os.fsync, tmp_path / "ckpt/.training/state/.step-000000004.partial"

    def full(descriptor: int) -> None:
        if second.exists():
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="cannot save the state of step 4"):
        finetune(chosen)
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "ckpt/.training/state").iterdir() if path.is_dir()] == ["step-000000002"]
    finetune(chosen)
    assert (tmp_path / "ckpt" / "xharness.json").is_file()


def test_a_killed_command_continues_and_ends_in_the_same_weights(demo: Demo, tmp_path: Path) -> None:
    """The whole command line, killed at a random moment; see test_killed for every kind of head."""
    tasks = ("mlm", "xnli")
    sets = ["steps=60", "batch_size=4", "learning_rate=1e-3", "eval_every=5", "max_length=64"]
    command = [sys.executable, "-c", "from xharness.cli import main; main()", "finetune", "--quiet", "--device", "cpu"]
    command += ["--model", str(demo.models / "encoder"), "--data", str(demo.data), "--save-every", "7"]
    command += [part for task in tasks for part in ("--task", task)] + [part for s in sets for part in ("--set", s)]
    subprocess.run([*command, "--out", str(tmp_path / "calm")], check=True)
    out = tmp_path / "killed"
    process = subprocess.Popen([*command, "--out", str(out)])
    while process.poll() is None and not list(out.glob(".training/state/step-*")):
        time.sleep(0.01)
    time.sleep(random.Random(1).uniform(0, 0.2))
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
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
        (["--task", "xnli", "--loss-weight", "xnli=-1"], "error: --loss-weight xnli=-1.0\n"),
        (["--task", "xnli", "--loss-weight", "xnli=nan"], "error: --loss-weight xnli=nan\n"),
        (["--task", "xnli", "--loss-weight", "xnli=2", "--loss-weight", "xnli=3"], "error: --loss-weight xnli twice\n"),
        (["--task", "xnli", "--translations", "de=a", "--translations", "de=b"], "error: --translations de twice\n"),
        (["--task", "xnli,xnli"], "error: xnli is named twice\n"),
        (["--task", "socialiqa"], "error: no English data of socialiqa in "),
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
    ids = tmp_path / "ids"
    ids.write_text(plain[0].id)
    assert len(prepare(replace(chosen, select=ids)).data["xnli"].train) == 1 + 2  # chosen among the English ones


def test_a_task_that_may_never_be_drawn_is_named(demo: Demo, tmp_path: Path) -> None:
    common = options(demo, tmp_path, "xnli", "udpos")
    weights = MixtureOptions(strategy="weights", weights={"xnli": 1.0, "udpos": 0.01})
    (note,) = [note for note in prepare(replace(common, mixture=weights)).warnings() if "never" in note]
    assert note.startswith("udpos may never be drawn: 0.05")
    longer = replace(common, sets=(*QUICK, "steps=40"))
    assert not [note for note in prepare(longer).warnings() if "never" in note]


@pytest.fixture
def multilingual(demo: Demo, tmp_path: Path) -> Path:
    """The demo's data with a dev set of PAWS-X in German."""
    folder = Path(shutil.copytree(demo.data, tmp_path / "data", ignore=shutil.ignore_patterns("text")))
    pawsx = folder / "download" / "pawsx"
    shutil.copy(pawsx / "dev-en.tsv", pawsx / "dev-de.tsv")
    return folder


def test_selection_on_all_dev_is_marked_in_every_table(
    demo: Demo, multilingual: Path, tmp_path: Path, call: Call
) -> None:
    chosen = options(demo, tmp_path / "ckpt", "pawsx", data=multilingual, select_on="all-dev")
    folder = finetune(chosen)
    record = json.loads((folder / "xharness.json").read_text())
    assert record["zero_shot"] is False
    assert record["select"]["on"] == "dev in en, de"
    dev = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines() if '"dev"' in line]
    assert all(entry["parts"].keys() == {"pawsx.en", "pawsx.de"} for entry in dev)
    assert all(entry["dev"] == pytest.approx(sum(entry["parts"].values()) / 2) for entry in dev)
    child = finetune(options(demo, tmp_path / "child", "xnli", model=folder))  # of a parent that has seen German
    for model, task in ((folder, "pawsx"), (child, "xnli")):
        run = tmp_path / task
        common = ["--data", multilingual, "--tasks", task, "--langs", "en,de", "--device", "cpu", "--out", run]
        table = call("evaluate", "--model", model, *common).out
        assert f"{task} †" in table
        assert f"note: † {task}: not zero-shot: pawsx was chosen on dev in de" in " ".join(table.split())
        scores = json.loads((run / "scores.json").read_text())
        assert scores["xharness"]["not_zero_shot"] == {task: ["pawsx was chosen on dev in de"]}
        assert "|zero-shot:no|" in scores["xharness"]["cells"][task]["de"]["signature"]
        again = call("score", run, multilingual / "labels", "--tasks", task, "--lenient").out
        assert f"{task} †" in again
    with pytest.raises(UserError, match="holds another training") as caught:
        finetune(replace(chosen, select_on="en-dev"))
    assert "select_on was all-dev, now en-dev" in caught.value.why


def test_english_dev_is_marked_nowhere(demo: Demo, multilingual: Path, tmp_path: Path, call: Call) -> None:
    folder = finetune(options(demo, tmp_path / "ckpt", "pawsx", data=multilingual))
    assert json.loads((folder / "xharness.json").read_text())["select"]["on"] == "English dev"
    called = call(
        "evaluate",
        "--model",
        folder,
        "--data",
        multilingual,
        "--tasks",
        "pawsx",
        "--langs",
        "de",
        "--out",
        tmp_path / "r",
    )
    assert "†" not in called.out
    assert "zero-shot" not in (tmp_path / "r" / "scores.json").read_text()


def test_all_dev_without_any_choice_is_refused(demo: Demo, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to select on"):
        prepare(options(demo, tmp_path, "xnli", select_on="all-dev"))
    with pytest.raises(UserError, match="would be ignored"):
        prepare(options(demo, tmp_path, "xquad", select_on="all-dev"))
    with pytest.raises(UserError, match="unknown --select-on 'all'") as caught:
        prepare(options(demo, tmp_path, "xnli", select_on="all"))
    assert "all-dev" in caught.value.fix


def test_a_changed_dev_set_is_another_training(demo: Demo, multilingual: Path, tmp_path: Path) -> None:
    chosen = options(demo, tmp_path / "ckpt", "pawsx", data=multilingual)
    finetune(chosen)
    shutil.copy(demo.data / "download/pawsx/train-en.tsv", multilingual / "download/pawsx/dev-en.tsv")
    with pytest.raises(UserError) as caught:
        finetune(chosen)
    assert caught.value.why.startswith("dev.pawsx.en was ")


def test_the_recipe_of_a_mixture_is_the_first_tasks(demo: Demo, tmp_path: Path) -> None:
    phase = prepare(options(demo, tmp_path, "udpos", "squad_v1", "xnli", sets=()))
    assert {recipe.learning_rate for recipe in phase.recipes.values()} == {2e-5}
    assert {recipe.seed for recipe in phase.recipes.values()} == {1}  # of udpos
    assert [recipe.max_length for recipe in phase.recipes.values()] == [128, 384, 128]
    assert any(
        w.startswith("squad_v1 follows the schedule, seed and selection of udpos; alone") for w in phase.warnings()
    )
    plan: Any = phase.summary()["mixture"]
    assert plan["recipe_of"] == "udpos"
    assert plan["inputs_that_differ"]["squad_v1"]["max_length"] == 384
    folder = finetune(options(demo, tmp_path / "ckpt", "udpos", "xnli"))
    record = json.loads((folder / "xnli" / "xharness.json").read_text())
    assert record["mixture"]["recipe_of"] == "udpos"
    assert record["mixture"]["inputs"]["xnli"]["max_length"] == 64
    dev = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines() if '"dev"' in line]
    assert all(entry["dev"] == pytest.approx(sum(entry["parts"].values()) / 2) for entry in dev)


def test_a_recipe_file_that_contradicts_the_first_task(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text("[udpos]\nlearning_rate = 1e-5\nmax_length = 32\n", encoding="utf-8")
    prepare(options(demo, tmp_path / "out", "udpos", "xnli", overrides=file))
    with pytest.raises(UserError, match=r"\[udpos\] in .* sets learning_rate") as caught:
        prepare(options(demo, tmp_path / "out", "xnli", "udpos", overrides=file))
    assert "max_length" not in caught.value.what


def test_grouping_and_robust_training_are_in_the_provenance(demo: Demo, tmp_path: Path) -> None:
    synonyms = tmp_path / "synonyms.tsv"
    synonyms.write_text("ba\tko\n", encoding="utf-8")
    sets = (*QUICK, "adversarial_epsilon=0.1")
    mixture = MixtureOptions(grouped=True)
    folder = finetune(options(demo, tmp_path / "ckpt", "xnli", sets=sets, synonyms=synonyms, mixture=mixture))
    record = json.loads((folder / "xharness.json").read_text())
    assert record["identity"]["grouped"] is True
    assert record["identity"]["synonyms"]
    assert record["recipe"]["adversarial_epsilon"] == 0.1
    with pytest.raises(UserError, match="holds another training") as caught:
        finetune(options(demo, tmp_path / "ckpt", "xnli", sets=sets, mixture=mixture))
    assert caught.value.why.startswith("synonyms was ")


def test_a_second_process_is_kept_out(demo: Demo, tmp_path: Path, call: Call) -> None:
    chosen = options(demo, tmp_path / "ckpt", "xnli")
    folder = PhaseFolder(chosen.out, specify(chosen))
    sets = [part for each in QUICK for part in ("--set", each)]
    with folder.claimed():
        called = call(
            "finetune", "--model", demo.models / "encoder", "--data", demo.data, "--device", "cpu", "--task", "xnli",
            "--out", chosen.out, *sets,
        )  # fmt: skip
    assert called.code == 1
    assert f"error: {chosen.out} is in use" in called.err
    assert (finetune(chosen) / "model.safetensors").is_file()
    assert not list(chosen.out.glob(".*"))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"mlm_ratio": 0.5}, "--mlm-ratio without mlm"),
        ({"tasks": ("mlm",), "mlm_ratio": 0.5}, "--mlm-ratio with mlm alone"),
        ({"tasks": ("mlm", "xnli"), "synonyms": Path("s.tsv")}, "--synonyms with mlm"),
        ({"mixture": MixtureOptions(strategy="uniform")}, "a mixture of one task"),
        ({"tasks": ("xnli", "udpos"), "task_weights": {"xnl": 2.0}}, "a loss weight for 'xnl'"),
        ({"tasks": ("xquad", "mlqa")}, "xquad and mlqa train on the same data"),
        ({"tasks": ("mlm", "xnli"), "mlm_ratio": 1.0}, "the mixture never draws xnli"),
        ({"tasks": ("mlm", "xnli"), "mlm_ratio": 0.0}, "the mixture never draws mlm"),
        ({"sets": ("adversarial_steps=3",)}, "adversarial training without a radius"),
        ({"sets": ("adversarial_epsilon=1",), "compile": True}, "--compile with adversarial training"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_be_ignored_is_refused(demo: Demo, tmp_path: Path, more: dict[str, Any], expected: str) -> None:
    with pytest.raises(UserError, match=expected):
        prepare(replace(options(demo, tmp_path, "xnli"), **more))


@pytest.mark.parametrize("name", ["xquad", "xnli"])
def test_no_room_for_text_is_said_before_anything_is_trained(demo: Demo, tmp_path: Path, name: str) -> None:
    sets = (*QUICK[:-1], "max_length=8")
    if name == "xnli":
        assert prepare(options(demo, tmp_path, name, sets=sets)).total == 6  # it has room for a few pieces
        return
    with pytest.raises(UserError) as caught:
        prepare(options(demo, tmp_path, name, sets=sets))
    assert caught.value.what.startswith("no room for the context beside a question of ")
    assert caught.value.fix == "raise it: --set max_length=N or cut questions: --set max_question_length=N"
    assert prepare(options(demo, tmp_path, name, sets=(*sets, "max_question_length=2"))).total == 6


def test_questions_of_dev_are_asked_for_room_too(demo: Demo, tmp_path: Path) -> None:
    """Else training would end at the first evaluation on dev."""
    from xharness.train.prepare import _check_room

    phase = prepare(options(demo, tmp_path, "xquad"))
    data = phase.data["squad_v1"]
    dev = {"en": replace(data.dev["en"], examples=[replace(data.dev["en"].examples[0], question="lomi " * 80)])}
    recipe = replace(phase.recipe, max_length=60)
    _check_room(phase.loaded, replace(data, dev={}), recipe)
    with pytest.raises(UserError, match="beside a question of 64 pieces"):
        _check_room(phase.loaded, replace(data, dev=dev), recipe)


@pytest.mark.parametrize("family", ["roberta", "longformer"])
def test_encoders_that_count_positions_from_their_padding_and_have_one_type(
    demo: Demo, tmp_path: Path, family: str
) -> None:
    """Trained and evaluated on texts that are longer than their few positions, with a tokenizer of two types."""
    start = save(tmp_path / "start", config_of(family, type_vocab_size=1, max_position_embeddings=20)).path
    sets = ("steps=2", "batch_size=4", "eval_every=1", "max_length=64")
    folder = finetune(options(demo, tmp_path / "ckpt", "xnli", model=start, sets=sets))
    run = EvaluateOptions(
        model=folder, data=demo.data, out=tmp_path / "run", tasks="xnli", langs="de", device="cpu", resamples=0
    )
    assert "xnli" in evaluate(run).scores
    assert inspect(folder).config["pad_token_id"] == 1


def test_a_token_without_a_vector_is_refused_before_training(demo: Demo, tmp_path: Path) -> None:
    start = with_token(tmp_path / "start", "Zuerichsee").path
    with pytest.raises(UserError, match=r"has tokens that the model does not know \(Zuerichsee\)"):
        prepare(options(demo, tmp_path, "xnli", model=start))


def test_a_cut_that_dropout_depends_on_stays_as_it_is(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xharness.train.specification.by_micro_batch", lambda *_: "this is a test")
    chosen = options(demo, tmp_path / "ckpt", "xnli")
    phase = prepare(chosen)
    assert any(warning.startswith("dropout is drawn by micro-batch, because this is") for warning in phase.warnings())
    with PhaseFolder(chosen.out, phase.specification).claimed():
        pass
    with pytest.raises(UserError, match="holds another training") as caught:
        finetune(replace(chosen, batch_tokens=200))
    assert caught.value.why == "dropout.batch_tokens was 2048, now 200"
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert specify(chosen).identity["dropout"] == {"by": "micro-batch", "batch_tokens": 2048, "processes": 2}
