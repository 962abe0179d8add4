"""A phase of a few steps on the made-up world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.harness.conftest import Demo
from xharness.train.options import FinetuneOptions

QUICK = ("steps=6", "batch_size=4", "learning_rate=1e-3", "eval_every=3", "max_length=64")


def options(demo: Demo, out: Path, *tasks: str, **more: Any) -> FinetuneOptions:
    base: dict[str, Any] = {"model": demo.models / "encoder", "data": demo.data, "sets": QUICK, "device": "cpu"}
    return FinetuneOptions(**{**base, "out": out, "tasks": tasks, **more})
