"""Which step is kept."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from tests.conftest import Tiny
from tests.harness.train.engines import Setting, weights
from xharness.train.loop.settings import TrainerCallbacks
from xharness.train.loop.validation import DevScores


def test_early_stopping_keeps_the_best(tiny: Tiny, tmp_path: Path) -> None:
    scores = iter([10.0, 30.0, 20.0, 30.0, 5.0, 5.0])
    log = tmp_path / "log.jsonl"
    setting = Setting(tiny, ("sequence",), tmp_path, select="dev", eval_every=2, patience=2)
    trainer, kept = setting.trainer(), {}

    def validate() -> DevScores:
        kept[trainer.progress.step] = weights(trainer.learner.raw)
        return DevScores(score := next(scores), {"xnli.en": score})

    position = trainer.run(TrainerCallbacks(validate))
    assert (position.best, position.best_step, position.step) == (30.0, 4, 8)
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert [entry["parts"] for entry in entries if "dev" in entry][:2] == [{"xnli.en": 10.0}, {"xnli.en": 30.0}]
    for name, weight in weights(trainer.learner.raw).items():
        assert torch.equal(weight, kept[4][name])
