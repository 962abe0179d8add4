"""Steps that choose examples of a training set: by the map of a training, or as the twin of another choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from xharness.evaluation.reporter import Reporter
from xharness.studies.checks import TWIN
from xharness.studies.design import SubsetDesign
from xharness.studies.graph import Step
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.keys import content_key
from xharness.train.options import FinetuneOptions

__all__ = ["KIND", "MAP", "OF", "TWIN", "SubsetRequest", "plan", "plan_twin", "run", "with_dynamics"]

KIND, MAP, OF = "subset", "map", "of"


@dataclass(frozen=True)
class SubsetRequest:
    """Which examples there are to choose from.

    Attributes:
        examples: How many of the task are in the pool, drawn by ``data_seed``; None is all.
    """

    design: SubsetDesign
    data: Path
    examples: int | None
    data_seed: int
    tasks_from: Path | None = None

    def record(self) -> dict[str, Json]:
        """As JSON."""
        return {
            "of": self.design.of,
            "by": self.design.by,
            "share": self.design.share,
            "seed": self.design.seed,
            "data": str(self.data.resolve()),
            "examples": self.examples,
            "data_seed": self.data_seed,
            "tasks_from": str(self.tasks_from.resolve()) if self.tasks_from else None,
        }


def with_dynamics(options: FinetuneOptions) -> FinetuneOptions:
    """The options of a training that records what it makes of every example."""
    return replace(options, dynamics=True)


def plan(request: SubsetRequest, mapped: Step, name: str) -> Step:
    """The step that chooses by a map.

    Args:
        mapped: The training whose dynamics are the map.
    """
    content = {"map": mapped.key, "by": request.design.by, "share": request.design.share}
    return Step(KIND, content_key(content), f"subset {name}", {MAP: mapped.id}, request.record())


def plan_twin(request: SubsetRequest, of: Step, name: str) -> Step:
    """The step that draws the twin of another subset."""
    drawn = ("seed", "examples", "data_seed", "of")
    content = {"twin of": of.key, **{field: request.record()[field] for field in drawn}}
    return Step(KIND, content_key(content), f"subset {name}", {OF: of.id}, request.record())


def run(step: Step, inputs: Mapping[str, Path], out: Path, reporter: Reporter) -> None:
    """Write ``ids.txt``."""
    raise NotImplementedError
