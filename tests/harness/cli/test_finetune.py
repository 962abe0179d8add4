"""``finetune`` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo


def test_plan_says_what_and_trains_nothing(demo: Demo, tmp_path: Path, call: Call) -> None:
    common = ["finetune", "--model", demo.models / "encoder", "--data", demo.data, "--device", "cpu"]
    called = call(*common, "--task", "tydiqa", "--out", tmp_path / "ckpt", "--plan", "--json")
    plan = json.loads(called.out)
    assert plan["steps"] >= 3
    assert any("warm-up" in warning for warning in plan["warnings"])
    assert not (tmp_path / "ckpt").exists()


def test_a_plan_is_a_table_and_a_training_ends_in_one(demo: Demo, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "ckpt-xnli"
    command = ["finetune", "--model", demo.models / "encoder", "--data", demo.data, "--device", "cpu", "--task", "XNLI"]
    command += ["--out", out, "--set", "steps=2", "--set", "eval_every=1"]
    planned = call(*command, "--plan")
    assert planned.code == 0, planned.err
    assert ["steps", "2"] in [line.split() for line in planned.out.splitlines()]
    assert "learning rate" in planned.out
    called = call(*command)
    assert called.code == 0, called.err
    assert "dev xnli accuracy " in called.err
    assert "step: step 1/2" not in called.err
    row = next(line.split() for line in called.out.splitlines() if line.split()[:1] == ["xnli"])
    assert row[1] == "xnli" and row[3] == "2", "phase, dev score, steps"
    assert f"next: xharness evaluate --model {out} --data {demo.data} --out runs/ckpt-xnli" in called.out
    again = call(*command)
    assert "earlier" in again.out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--task", "xnlii"], "error: no task 'xnlii' to train on\n"),
        (["--task", "xnli", "--set", "learning_rat=1"], "did you mean 'learning_rate'?"),
        (["--task", "XNLI", "--set", "lr=1"], "did you mean 'learning_rate'?"),
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
        (["--task", "xnli", "--json"], "error: --json without --plan\n"),
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
