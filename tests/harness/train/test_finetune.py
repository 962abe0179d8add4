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

from tests.harness.compute.encoders import config_of, save
from tests.harness.conftest import Call, Demo
from tests.harness.train.phases import QUICK, options
from xharness.checkpoints.checkpoint import inspect
from xharness.checkpoints.provenance import chain
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.common.errors import UserError
from xharness.train.finetune import finetune
from xharness.train.folder import PhaseFolder
from xharness.train.mixture_options import MixtureOptions
from xharness.train.prepare import prepare
from xharness.train.specify import specify


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


def test_a_process_trains_in_one_precision_and_then_in_another(demo: Demo, tmp_path: Path) -> None:
    def weights(name: str, precision: str) -> bytes:
        return (
            finetune(options(demo, tmp_path / name, "xnli", precision=precision)) / "model.safetensors"
        ).read_bytes()

    fp32, bf16, again = weights("a", "fp32"), weights("b", "bf16"), weights("c", "fp32")
    assert fp32 == again != bf16


def test_a_subset_is_taken(demo: Demo, tmp_path: Path) -> None:
    whole = prepare(options(demo, tmp_path, "xnli")).data["xnli"].train
    part = prepare(options(demo, tmp_path, "xnli", examples=3)).data["xnli"].train
    assert len(part) == 3 < len(whole)


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
