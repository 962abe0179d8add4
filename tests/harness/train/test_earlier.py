"""Identities of earlier versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.train.phases import QUICK, options
from tests.harness.train.specifications import version_1
from xharness.train.earlier import as_of_today
from xharness.train.mixture_options import MixtureOptions
from xharness.train.prepare import prepare
from xharness.train.specify import specify


@pytest.mark.parametrize(
    ("tasks", "more"),
    [
        (("xnli",), {}),
        (("xnli",), {"sets": (*QUICK, "dev_examples=2")}),
        (("xnli", "udpos"), {"mixture": MixtureOptions(strategy="capped", cap=3)}),
        (("mlm", "xnli"), {"mlm_alpha": 0.5}),
        (("mlm",), {}),
    ],
    ids=str,
)
def test_an_identity_of_version_1_is_recognised(
    demo: Demo, tmp_path: Path, tasks: tuple[str, ...], more: dict[str, Any]
) -> None:
    phase = prepare(options(demo, tmp_path, *tasks, **more))
    old = version_1(phase)
    assert as_of_today(old, phase.specification) == phase.specification.identity
    if "mixture" in more:
        other = specify(options(demo, tmp_path, *tasks, **more | {"mixture": MixtureOptions(strategy="uniform")}))
        assert as_of_today(old, other)["mixture"] != other.identity["mixture"]
    changed = specify(options(demo, tmp_path, *tasks, **more | {"seed": 3}))
    assert as_of_today(old, changed) != changed.identity
