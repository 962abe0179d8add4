"""What is said about a chain reaches the phases that it is about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xharness.studies.chain_options import ChainOptions
from xharness.tasks.common.errors import UserError
from xharness.train.options import FinetuneOptions


def chain(folder: Path, *targets: str, intermediate: tuple[str, ...] = ()) -> ChainOptions:
    train = FinetuneOptions(model=folder, tasks=intermediate, data=folder, out=folder / "out", negatives=8)
    return ChainOptions(train=train, named=targets)


def test_negatives_are_those_of_dual_encoders(tmp_path: Path) -> None:
    options = chain(tmp_path, "xnli", "lareqa", "mewslix", intermediate=("squad_v1",))
    options.check()
    assert options.of_intermediate.negatives is None
    assert {name: phase.negatives for name, phase in options.of_targets.items()} == {
        "xnli": None,
        "lareqa": 8,
        "mewslix": 8,
    }
    assert chain(tmp_path, "xnli", intermediate=("squad_pairs",)).of_intermediate.negatives == 8


def test_negatives_without_a_dual_encoder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--negatives 8 with mnli, xnli"):
        chain(tmp_path, "xnli", intermediate=("mnli",)).check()


@pytest.mark.parametrize(
    ("jobs", "device", "expected"), [(0, "cpu", "--jobs 0"), (2, "auto", "--jobs 2 with --device auto")]
)
def test_jobs_are_a_number_of_processes_without_cards(tmp_path: Path, jobs: int, device: str, expected: str) -> None:
    options = chain(tmp_path, "xnli", intermediate=("squad_pairs",))
    with pytest.raises(UserError, match=expected):
        replace(options, train=replace(options.train, device=device), jobs=jobs).check()


def test_jobs_are_of_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    options = chain(tmp_path, "xnli", intermediate=("mnli",))
    with pytest.raises(UserError, match="--jobs 2 of 2 processes"):
        replace(options, train=replace(options.train, device="cpu"), jobs=2).check()
