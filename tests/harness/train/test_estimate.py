"""Time and memory of a phase before it is trained."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.harness.conftest import Call, Demo
from tests.harness.train.phases import options
from xharness.train import estimate as module
from xharness.train.estimate import estimate
from xharness.train.finetune import finetune
from xharness.train.prepare import prepare
from xharness.train.specify import specify


def test_a_plan_says_how_long_and_how_large(
    demo: Demo, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.2)
    common = ["finetune", "--model", demo.models / "encoder", "--data", demo.data, "--device", "cpu"]
    plan = json.loads(call(*common, "--task", "xnli", "--out", tmp_path / "ckpt", "--plan", "--json").out)["estimate"]
    assert plan["how"].startswith("estimate from real micro-batches")
    assert plan["seconds"]["all"] > 0
    assert 0 <= plan["padding_share"] < 1
    memory = plan["gigabytes"]
    assert memory["moments"] == pytest.approx(2 * memory["weights"], abs=0.001)
    assert memory["all"] >= memory["activations"] > 0
    assert not (tmp_path / "ckpt").exists()


def test_a_model_too_large_to_load_is_counted(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOADED", 0)
    found: Any = estimate(prepare(options(demo, tmp_path, "xnli", "udpos")))
    assert "lower bound" in found["how"]
    assert found["seconds"]["training"] > 0
    low_rank: Any = estimate(prepare(options(demo, tmp_path, "xnli", "udpos", lora="r=4")))
    assert low_rank["operations"] == pytest.approx(found["operations"] * 4 / 6)  # no gradient of frozen weights
    assert low_rank["gigabytes"]["moments"] < found["gigabytes"]["moments"] / 2
    sets = ("steps=12", "batch_size=4", "max_length=64")  # twice the steps of the others
    twice: Any = estimate(prepare(options(demo, tmp_path, "xnli", "udpos", sets=sets)))
    assert twice["tokens"] == pytest.approx(2 * found["tokens"], rel=0.2)


def test_activations_grow_with_the_micro_batch(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.05)

    def gigabytes(tokens: int) -> Any:
        more = {"batch_tokens": tokens, "sets": ("batch_size=16",)}
        return estimate(prepare(options(demo, tmp_path, "xquad", **more)))["gigabytes"]

    assert gigabytes(100_000)["activations"] > 2 * gigabytes(1)["activations"]


def test_the_estimate_is_of_the_right_order(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In processor seconds, which other processes and slow disks do not change."""
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=time.process_time))
    chosen = options(demo, tmp_path / "ckpt", "xquad", sets=("steps=40", "batch_size=8", "select=last"))
    seconds: Any = estimate(prepare(chosen))["seconds"]
    found = seconds["training"]
    specification = specify(chosen)
    started = time.process_time()
    finetune(chosen, specification=specification)
    assert found / 8 < time.process_time() - started < found * 8 + 3
