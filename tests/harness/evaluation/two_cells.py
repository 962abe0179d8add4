"""Evaluations of XNLI in two languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.harness.conftest import Demo
from xharness.evaluation.options import EvaluateOptions


def options(demo: Demo, out: Path, **more: Any) -> EvaluateOptions:
    chosen: dict[str, Any] = {"tasks": "xnli", "langs": "de,fr", "device": "cpu", "resamples": 0}
    return EvaluateOptions(**{"model": demo.models, "data": demo.data, "out": out, **chosen, **more})


OWN = """
from __future__ import annotations
from dataclasses import dataclass, replace
import numpy as np
from tasks import xnli
from xharness.tasks.base import Items
from xharness.tasks.metrics.accuracy import Accuracy

@dataclass(frozen=True)
class Own(Accuracy):
    weight: float = 1.0
    def measure(self, gold, answers, language):
        items = super().measure(gold, answers, language)
        if language == "fr":
            BODY
        return items

TASK = replace(xnli.TASK, name="own", metric=Own(), suite_folders=("xnli",))
"""
