"""Saved states: whole or not there, and never fewer than one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from xharness.train.loop.checkpointing import StateFolder
from xharness.train.loop.training_progress import TrainingProgress


@pytest.fixture
def trained() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    torch.autograd.backward(model(torch.ones(1, 2)).sum())
    optimizer.step()
    return model, optimizer


def names(folder: StateFolder) -> list[str]:
    return sorted(path.name for path in folder.folder.iterdir())


def test_the_same_state_is_not_written_twice(
    tmp_path: Path, trained: tuple[torch.nn.Module, torch.optim.Optimizer]
) -> None:
    folder = StateFolder(tmp_path)
    folder.save(*trained, TrainingProgress(step=8))
    before = (tmp_path / "step-000000008" / "weights.safetensors").stat().st_mtime_ns
    folder.save(*trained, TrainingProgress(step=8))
    assert (tmp_path / "step-000000008" / "weights.safetensors").stat().st_mtime_ns == before


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="this system does not tell of mapped files")
def test_a_loaded_state_is_not_a_view_of_its_file(
    tmp_path: Path, trained: tuple[torch.nn.Module, torch.optim.Optimizer]
) -> None:
    """A network file system does not delete a folder of which files are mapped."""
    folder = StateFolder(tmp_path)
    folder.save(*trained, TrainingProgress(step=8))
    folder.load(*trained)
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()


def test_another_state_of_the_same_step_stands_beside_the_old_one_until_it_is_whole(
    tmp_path: Path, trained: tuple[torch.nn.Module, torch.optim.Optimizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = StateFolder(tmp_path)
    folder.save(*trained, TrainingProgress(step=8))
    seen: list[list[str]] = []
    delete = shutil.rmtree

    def watched(path: Path, ignore_errors: bool = False) -> None:
        seen.append(names(folder))
        delete(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", watched)
    for score in (1.0, 2.0):
        folder.save(*trained, TrainingProgress(step=8, best=score))
    assert all(any(name.startswith("step-") for name in there) for there in seen)  # wherever it is killed
    assert names(folder) == ["step-000000008+2"]
    assert folder.load(*trained) == replace(TrainingProgress(step=8, best=2.0), developed=0)
    folder.save(*trained, TrainingProgress(step=9))
    assert names(folder) == ["step-000000009"]
    newest = folder.newest()
    assert newest is not None and json.loads((newest / "position.json").read_text())["step"] == 9
