"""Checkpoints that a phase ends in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.train.phases import options
from xharness.checkpoints.checkpoint import Head, inspect
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.train.finetune import finetune


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


def test_whoever_may_read_the_folder_may_read_the_checkpoint(demo: Demo, tmp_path: Path) -> None:
    folder = finetune(options(demo, tmp_path / "ckpt", "xnli"))
    readable = folder.stat().st_mode & 0o044
    assert all(file.stat().st_mode & 0o044 == readable for file in folder.iterdir() if file.is_file())
