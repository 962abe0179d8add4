"""``finetune`` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo


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
