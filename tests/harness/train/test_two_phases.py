"""XCOPA as XTREME trains it: Social IQa, then COPA from that checkpoint, head included."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.harness.conftest import Call, Demo
from xharness.checkpoints.checkpoint import Head
from xharness.train.finetune import finetune, make_model
from xharness.train.options import FinetuneOptions
from xharness.train.prepare import prepare

QUICK = ("steps=2", "batch_size=4", "learning_rate=1e-3", "max_length=64")


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.fixture
def world(demo: Demo, tmp_path: Path) -> Path:
    """The demo's XNLI, and a few made-up choices."""
    data = tmp_path / "data"
    shutil.copytree(demo.data / "download" / "xnli", data / "download" / "xnli")
    social = [
        {"context": f"Ada met Bo {n}.", "question": "Why?", "answerA": "a", "answerB": "b", "answerC": "c"}
        | {"correct": "ABC"[n % 3]}
        for n in range(12)
    ]
    lines(data / "intermediate" / "socialiqa" / "socialIQa_v1.4_trn.jsonl", social)
    copa = [
        {"premise": f"It rained {n}.", "choice1": "Wet.", "choice2": "Dry.", "question": "effect"}
        | {"label": n % 2, "idx": n, "changed": False}
        for n in range(12)
    ]
    for name in ("train-en", "val-en", "test-sw"):
        lines(data / "download" / "xcopa" / f"{name}.jsonl", copa)
    lines(data / "labels" / "xcopa" / "test-sw.jsonl", copa)
    return data


def options(demo: Demo, data: Path, out: Path, task: str, **more: Any) -> FinetuneOptions:
    base: dict[str, Any] = {"model": demo.models / "encoder", "sets": QUICK, "device": "cpu"}
    return FinetuneOptions(**{**base, "data": data, "out": out, "tasks": [task], **more})


def test_copa_alone_names_both_commands(demo: Demo, world: Path, tmp_path: Path) -> None:
    phase = prepare(options(demo, world, tmp_path / "my ckpt", "xcopa"))
    (note,) = [warning for warning in phase.warnings() if "trained alone" in warning]
    assert f"--task socialiqa --out '{tmp_path}/my ckpt-socialiqa' && xharness finetune" in note
    assert f"--model '{tmp_path}/my ckpt-socialiqa' --task xcopa --out '{tmp_path}/my ckpt'" in note
    jiant = prepare(options(demo, world, tmp_path / "ckpt", "xcopa", recipe="jiant"))
    assert not [warning for warning in jiant.warnings() if "trained alone" in warning]


def test_the_second_phase_keeps_the_head(demo: Demo, world: Path, tmp_path: Path) -> None:
    import transformers

    first = finetune(options(demo, world, tmp_path / "social", "socialiqa"))
    phase = prepare(options(demo, world, tmp_path / "both", "xcopa", model=first))
    assert not [warning for warning in phase.warnings() if "trained alone" in warning]
    assert phase.specification.identity["head"] == "the parent's"
    theirs = getattr(transformers, Head.CHOICE.value).from_pretrained(first).state_dict()
    ours = make_model(phase).model.heads["xcopa"].state_dict()
    assert theirs.keys() == ours.keys()
    assert all(torch.equal(theirs[name], ours[name]) for name in theirs)
    other = prepare(options(demo, world, tmp_path / "other", "xcopa", model=first, recipe="jiant"))
    assert "head" not in other.specification.identity
    fresh = make_model(other).model.heads["xcopa"].state_dict()
    assert not torch.equal(fresh["classifier.weight"], theirs["classifier.weight"])
    assert (finetune(phase.options) / "xharness.json").is_file()


def test_the_chain_trains_both_phases(demo: Demo, world: Path, tmp_path: Path, call: Call) -> None:
    sets = [part for each in QUICK for part in ("--set", each)]
    common = ["benchmark", "--model", demo.models / "encoder", "--data", world, "--device", "cpu", *sets]
    chosen = ["--out", tmp_path / "out", "--targets", "xnli,xcopa", "--allow-incomplete"]
    done = call(*common, *chosen)
    assert done.code == 0, done.err
    (suite,) = (tmp_path / "out" / "suites").iterdir()
    record = json.loads((suite / "xcopa" / "xharness.json").read_text())
    assert record["parents"][0]["provenance"]["task"] == "socialiqa"
    xnli = json.loads((suite / "xnli" / "xharness.json").read_text())
    assert xnli["parents"][0]["provenance"] is None or xnli["parents"][0]["provenance"].get("task") != "socialiqa"
    (scores,) = (tmp_path / "out" / "runs").glob("*/scores.json")
    assert "sw" in json.loads(scores.read_text())["xcopa"]["accuracy"]
    (description,) = (tmp_path / "out" / "chains").glob("*.json")
    assert json.loads(description.read_text())["comparable"]["targets"] == ["socialiqa", "xcopa", "xnli"]

    before = {path.name for path in (tmp_path / "out" / "phases").iterdir()}
    through = call(*common, *chosen, "--intermediate", "socialiqa")  # that phase is there already, and comes once
    assert through.code == 0, through.err
    after = {path.name.rsplit("-", 1)[0] for path in (tmp_path / "out" / "phases").iterdir() if path.name not in before}
    assert after == {"xnli"}


def test_nothing_is_trained_where_the_first_phase_has_no_data(
    demo: Demo, world: Path, tmp_path: Path, call: Call
) -> None:
    shutil.rmtree(world / "intermediate")
    chosen = ["--targets", "xnli,xcopa", "--out", tmp_path / "out", "--device", "cpu"]
    refused = call("benchmark", "--model", demo.models / "encoder", "--data", world, *chosen)
    assert refused.code != 0
    assert "no English data of socialiqa" in refused.err
    assert not (tmp_path / "out" / "phases").exists()
