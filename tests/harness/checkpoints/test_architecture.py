"""Architectures that are not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.checkpoints.made import configure
from xharness.checkpoints.architecture import check_architecture
from xharness.checkpoints.checkpoint import inspect
from xharness.tasks.common.errors import UserError


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("xlm-robreta", "did you mean 'xlm-roberta'?; or update transformers"),
        ("BERTT", "did you mean 'bert'?; or update transformers"),
    ],
)
def test_an_unknown_architecture(folder: Path, name: str, fix: str) -> None:
    with pytest.raises(UserError) as error:
        check_architecture(inspect(configure(folder, model_type=name)))
    assert str(error.value) == (
        f"unknown architecture '{name}' in {folder / 'config.json'}\n"
        "  why: the installed transformers has none of this name\n"
        f"  fix: {fix}"
    )
