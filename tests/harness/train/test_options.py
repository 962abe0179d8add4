"""Options of fine-tuning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.train.phases import options
from xharness.tasks.common.errors import UserError
from xharness.train.mixture_options import MixtureOptions
from xharness.train.prepare import prepare


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"mlm_ratio": 0.5}, "--mlm-ratio without mlm"),
        ({"tasks": ("mlm",), "mlm_ratio": 0.5}, "--mlm-ratio with mlm alone"),
        ({"tasks": ("mlm", "xnli"), "synonyms": Path("s.tsv")}, "--synonyms with mlm"),
        ({"mixture": MixtureOptions(strategy="uniform")}, "a mixture of one task"),
        ({"tasks": ("xnli", "udpos"), "task_weights": {"xnl": 2.0}}, "a loss weight for 'xnl'"),
        ({"tasks": ("xquad", "mlqa")}, "xquad and mlqa train on the same data"),
        ({"tasks": ("mlm", "xnli"), "mlm_ratio": 1.0}, "the mixture never draws xnli"),
        ({"tasks": ("mlm", "xnli"), "mlm_ratio": 0.0}, "the mixture never draws mlm"),
        ({"sets": ("adversarial_steps=3",)}, "adversarial training without a radius"),
        ({"sets": ("adversarial_epsilon=1",), "compile": True}, "--compile with adversarial training"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_be_ignored_is_refused(demo: Demo, tmp_path: Path, more: dict[str, Any], expected: str) -> None:
    with pytest.raises(UserError, match=expected):
        prepare(replace(options(demo, tmp_path, "xnli"), **more))
