"""Outputs of a model, and what is loaded for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import copied, options
from xharness.checkpoints.checkpoint import Checkpoint, Head, inspect
from xharness.compute import loading
from xharness.compute.device import Device
from xharness.compute.loading import load
from xharness.evaluation.answering import Models
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.reporter import Reporter
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


def test_a_tokenizer_is_read_once_and_every_head_takes_its_own_inputs(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    real = loading.load_tokenizer

    def told(checkpoint: Checkpoint) -> Any:
        read.append(checkpoint.path)
        return real(checkpoint)

    for module in ("xharness.evaluation.answering", "xharness.compute.loading"):  # whoever reads it
        monkeypatch.setattr(f"{module}.load_tokenizer", told)
    chosen = options(demo, tmp_path / "run", model=demo.models / "xnli", tasks="xnli,tatoeba", langs="de")
    evaluate(chosen)
    assert read == [demo.models / "xnli"]
    device = Device("cpu", "fp32")
    models, checkpoint = Models(device, Reporter()), inspect(demo.models / "xnli")
    narrow, names = models.encoder(checkpoint).tokenizer, real(checkpoint).model_input_names
    narrow.model_input_names = ["input_ids"]
    assert models.load(checkpoint, Head.SEQUENCE, 0.0).tokenizer is narrow
    assert narrow.model_input_names == load(checkpoint, Head.SEQUENCE, device).tokenizer.model_input_names
    assert set(narrow.model_input_names) <= set(names)
