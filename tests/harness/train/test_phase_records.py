"""Finished phases, recognised."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.train.phases import QUICK, options
from tests.harness.train.specifications import version_1
from xharness.evaluation.evaluate import Reporter
from xharness.studies.phase_trainer import find_phase
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.sealed import seal
from xharness.train.finetune import finetune
from xharness.train.options import FinetuneOptions
from xharness.train.prepare import prepare
from xharness.train.specify import specify


def notes_of(chosen: FinetuneOptions) -> list[str]:
    """What a training says."""
    notes: list[str] = []
    finetune(chosen, Reporter(lambda _what, _fraction: None, notes.append))
    return notes


def test_a_phase_that_an_earlier_version_finished_is_used(demo: Demo, tmp_path: Path) -> None:
    sets = (*QUICK, "dev_examples=2")
    chosen = options(demo, tmp_path / "phases" / "xnli-0123456789ab", "xnli", sets=sets)
    folder = finetune(chosen)
    record = json.loads((folder / "xharness.json").read_text())
    old = version_1(prepare(chosen))
    (folder / "xharness.json").write_text(render_json(seal({**record, "identity": old, "phase": content_key(old)})))
    before = (folder / "model.safetensors").stat().st_mtime_ns
    (note,) = notes_of(chosen)
    assert note.startswith("note: not verified: ")
    assert (folder / "model.safetensors").stat().st_mtime_ns == before
    phase = specify(chosen)
    assert find_phase(tmp_path / "phases", phase) == folder
    other = specify(replace(chosen, seed=3))
    assert find_phase(tmp_path / "phases", other).name == f"xnli-{other.key[:12]}"
    with pytest.raises(UserError, match="holds another training") as caught:
        finetune(replace(chosen, seed=3))
    assert caught.value.why == "seed was 42, now 3"
