"""Steps that change evaluation data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xharness.evaluation.reporter import Reporter
from xharness.studies.design import PerturbedDesign
from xharness.studies.graph import Step
from xharness.studies.steps.evaluate import EvaluationRequest
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.keys import content_key

KIND = "perturb"


def plan(design: PerturbedDesign, request: EvaluationRequest, data_key: str, name: str) -> Step:
    """The step that writes the changed data."""
    options: dict[str, Json] = dict(design.options)
    content = {"data": data_key, "by": design.by, "seed": design.seed, "options": options}
    work: dict[str, Json] = {
        "data": str(request.data.resolve()),
        "tasks": list(design.tasks),
        "languages": list(request.languages),
        "by": design.by,
        "seed": design.seed,
        "options": options,
    }
    return Step(KIND, content_key(content), f"data {name}", {}, work)


def run(step: Step, inputs: Mapping[str, Path], out: Path, reporter: Reporter) -> None:
    """Write the changed data."""
    raise NotImplementedError
