"""The manifest of a run."""

from __future__ import annotations

from xharness.evaluation.evaluate import Result
from xharness.tasks.registry import XTREME


def test_manifest_says_what_and_how_fast(whole: Result) -> None:
    manifest = whole.manifest
    assert manifest["device"] == {"name": "cpu", "precision": "fp32", "batch_tokens": 1024, "others": ()}
    assert manifest["model"]["xnli"]["head"] == "AutoModelForSequenceClassification"
    assert {phase["task"] for phase in manifest["phases"]} == set(XTREME.languages)
    assert all(phase["tokens_per_second"] > 0 and 0 <= phase["padding_share"] < 1 for phase in manifest["phases"])
