"""Specifications of phases, and how earlier versions wrote them."""

from __future__ import annotations

from typing import Any

import pytest

from xharness.train.mixture_options import describe as describe_mixture
from xharness.train.phase import Phase


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads or encodes an example fails."""

    def read(*_: object, **__: object) -> None:
        raise AssertionError("an example was read")

    for name in ("prepare.load_tokenizer", "prepare.read", "prepare.read_text", "prepare.objective"):
        monkeypatch.setattr(f"xharness.train.{name}", read)


def version_1(phase: Phase) -> dict[str, Any]:
    """The identity of a phase as version 1 had it."""
    now: Any = phase.specification.identity
    drawn = any(recipe.selection.examples for recipe in phase.recipes.values())
    old = {name: value for name, value in now.items() if name not in ("version", "seed")}
    return old | {
        "recipe": {name: recipe.record() for name, recipe in phase.recipes.items()},
        "dev": {name: dict.fromkeys(dev, "0" * 64) if drawn else dev for name, dev in now["dev"].items()},
        "mixture": describe_mixture(phase.sizes, phase.mixture) if len(phase.data) > 1 else None,
    }
