"""The chain of XTREME-R: every target of its own, dual encoders read as they were trained, a packed folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.harness.conftest import Call, Demo
from xharness.comparison.sources import load_source
from xharness.tasks.registry import Registry

QUICK = "steps=2 batch_size=4 eval_every=2 max_length=64".split()


@pytest.fixture
def common(demo_r: Demo, tmp_path: Path) -> list[object]:
    sets = [part for each in QUICK for part in ("--set", each)]
    chain = ["benchmark", "--version", "xtreme-r", "--data", demo_r.data, "--out", tmp_path / "out", "--device", "cpu"]
    return [*chain, *sets]


def scores_of(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "scores.json").read_text())
    return found


def test_from_an_encoder_to_a_packed_folder(common: list[object], demo_r: Demo, tmp_path: Path, call: Call) -> None:
    called = call(*common, "--model", demo_r.models / "encoder")
    assert called.code == 0, called.err
    out = tmp_path / "out"
    assert "203 of 203 files" in called.out
    phases = {path.name.rsplit("-", 1)[0] for path in (out / "phases").iterdir()}
    assert phases >= {"xnli", "panx", "udpos", "socialiqa", "xcopa", "squad_v1", "tydiqa", "squad_pairs"}
    (run,) = (out / "runs").iterdir()
    scores = scores_of(run)
    assert scores["xharness"]["benchmark"] == "xtreme-r"
    assert {"all_task", "lareqa", "mewslix"} <= scores.keys()
    cells = scores["xharness"]["cells"]
    assert "pooling:cls|" in cells["lareqa"]["zh"]["signature"]  # the pooler that it was trained with
    assert "pooling:mean|" in cells["tatoeba"]["ro"]["signature"]
    assert load_source(run, Registry()).benchmark == "xtreme-r"  # comparisons average as it does
    scored = call("score", run, demo_r.data / "labels", "--version", "xtreme-r", "--json")
    assert scored.code == 0, scored.err
    again = json.loads(scored.out)
    assert {name: value for name, value in again.items() if name != "xharness"} == {
        name: value for name, value in scores.items() if name != "xharness"
    }


def test_a_recipe_that_the_encoder_cannot_follow_is_refused_before_training(
    common: list[object], tiny: Tiny, tmp_path: Path, call: Call
) -> None:
    called = call(*common, "--model", tiny("modernbert", "encoder"))
    assert called.code == 1
    assert "modernbert has no pooler" in called.err
    assert not (tmp_path / "out" / "phases").exists()
