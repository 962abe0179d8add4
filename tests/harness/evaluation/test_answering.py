"""Outputs of a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import copied, options
from xharness.evaluation.evaluate import evaluate
from xharness.tasks.common.errors import UserError


def test_outputs_that_are_no_numbers_are_refused(demo: Demo, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    for name in ("xnli", "udpos", "squad"):
        model = copied(demo.models / name, tmp_path / name)
        weights = load_file(model / "model.safetensors")
        weights["roberta.embeddings.LayerNorm.bias"][:] = float("nan")
        save_file(weights, model / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(UserError, match="not finite numbers"):
            evaluate(options(demo, tmp_path / f"run-{name}", model=model, langs="de"))
