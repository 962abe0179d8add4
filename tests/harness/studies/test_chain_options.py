"""What is said about a chain reaches the phases that it is about."""

from __future__ import annotations

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
