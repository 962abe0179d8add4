"""The folder of a phase: nobody else's, and safe on a full disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo
from tests.harness.train.phases import QUICK, options
from xharness.tasks.common.errors import UserError
from xharness.train.finetune import finetune
from xharness.train.folder import PhaseFolder
from xharness.train.specify import specify


@pytest.mark.parametrize("what", ["the best weights", "the checkpoint", "the checkpoint's tokenizer"])
def test_a_full_disk_elsewhere_is_said_in_words(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """safetensors has an error of its own for it, and tokenizers has none."""
    import safetensors.torch

    import xharness.train.model as model

    def full(*_arguments: object, **_more: object) -> None:
        kind = Exception if what.endswith("tokenizer") else safetensors.SafetensorError
        raise kind("I/O error: No space left on device (os error 28)")

    place = (safetensors.torch, "save_file") if what == "the best weights" else (model, "save_checkpoint")
    with monkeypatch.context() as patch:
        patch.setattr(*place, full)
        with pytest.raises(UserError, match="cannot save " + what.partition("'s ")[0]) as caught:
            finetune(options(demo, tmp_path / "ckpt", "xnli", save_every=100))
        assert "No space left on device" in caught.value.why
    assert (finetune(options(demo, tmp_path / "ckpt", "xnli", save_every=100)) / "xharness.json").is_file()


def test_a_full_disk_keeps_the_last_good_state(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = options(demo, tmp_path / "ckpt", "xnli", save_every=2)
    real, second = os.fsync, tmp_path / "ckpt/.training/state/.step-000000004.partial"

    def full(descriptor: int) -> None:
        if second.exists():
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="cannot save the state of step 4"):
        finetune(chosen)
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "ckpt/.training/state").iterdir() if path.is_dir()] == ["step-000000002"]
    finetune(chosen)
    assert (tmp_path / "ckpt" / "xharness.json").is_file()


def test_a_folder_with_other_files_is_left_alone(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UserError, match="is not empty"):
        finetune(options(demo, tmp_path, "xnli"))


def test_a_second_process_is_kept_out(demo: Demo, tmp_path: Path, call: Call) -> None:
    chosen = options(demo, tmp_path / "ckpt", "xnli")
    folder = PhaseFolder(chosen.out, specify(chosen))
    sets = [part for each in QUICK for part in ("--set", each)]
    with folder.claimed():
        called = call(
            "finetune", "--model", demo.models / "encoder", "--data", demo.data, "--device", "cpu", "--task", "xnli",
            "--out", chosen.out, *sets,
        )  # fmt: skip
    assert called.code == 1
    assert f"error: {chosen.out} is in use" in called.err
    assert (finetune(chosen) / "model.safetensors").is_file()
    assert not list(chosen.out.glob(".*"))
