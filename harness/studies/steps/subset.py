"""Steps that choose examples of a training set: by the map of a training, or as the twin of another choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xharness.evaluation.reporter import Reporter
from xharness.studies.design import SubsetDesign
from xharness.studies.graph import Step
from xharness.studies.steps.train import IDS, PlannedCheckpoint
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.keys import content_key
from xharness.tasks.selection.cartography import CartographyOptions, cartography
from xharness.tasks.selection.ids import write_ids
from xharness.tasks.selection.pool import PoolOptions
from xharness.tasks.selection.regions import Region, RegionOptions, select
from xharness.tasks.selection.twins import TwinOptions, twin
from xharness.train.options import FinetuneOptions

KIND, MAP, OF = "subset", "map", "of"


def with_dynamics(options: FinetuneOptions) -> FinetuneOptions:
    """The options of a training that records what it makes of every example."""
    return replace(options, dynamics=True)


def plan(design: SubsetDesign, mapped: PlannedCheckpoint, name: str) -> Step:
    """The step that chooses by a map.

    Args:
        mapped: The checkpoint whose training's dynamics are the map.
    """
    assert mapped.step is not None  # it is trained
    work: dict[str, Json] = {"by": design.by, "share": design.share, "member": mapped.member}
    return Step(KIND, content_key({"map": mapped.key, **work}), f"subset {name}", {MAP: mapped.step.id}, work)


def plan_twin(design: SubsetDesign, of: Step, mapped: FinetuneOptions, name: str) -> Step:
    """The step that draws the twin of another subset, from the examples among which that was chosen.

    Args:
        mapped: How the map of the other subset is trained; the content of its data is in the key of ``of``.
    """
    content: dict[str, Json] = {"by": design.by, "task": design.of, "seed": design.seed}
    content |= {"where": mapped.where} if mapped.where else {}
    work: dict[str, Json] = {
        "where": None,
        **content,
        "data": str(mapped.data.resolve()),
        "translations": {language: str(path.resolve()) for language, path in mapped.translations.items()},
        "tasks_from": str(mapped.tasks_from.resolve()) if mapped.tasks_from else None,
    }
    return Step(KIND, content_key({"twin of": of.key, **content}), f"subset {name}", {OF: of.id}, work)


def run(step: Step, inputs: Mapping[str, Path], out: Path, reporter: Reporter) -> None:
    """Write ``ids.txt``.

    Raises:
        UserError: a subset that cannot be taken.
    """
    work: Any = step.work
    out.mkdir(parents=True, exist_ok=True)
    ids = _mapped(work, inputs[MAP]) if MAP in inputs else _twin(work, inputs[OF] / IDS, reporter)
    reporter.note(f"{len(ids)} examples")
    write_ids(out / IDS, ids)


def _mapped(work: Any, trained: Path) -> list[str]:
    """The examples of a region of a map."""
    found = cartography(CartographyOptions(checkpoint=trained / work["member"]))
    return select(found, RegionOptions(region=Region(work["by"]), share=work["share"]))


def _twin(work: Any, of: Path, reporter: Reporter) -> list[str]:
    """As many others, with the same labels and lengths."""
    tasks_from = Path(work["tasks_from"]) if work["tasks_from"] else None
    translations = {language: Path(path) for language, path in work["translations"].items()}
    pool = PoolOptions(
        task=work["task"],
        data=Path(work["data"]),
        where=work["where"],
        translations=translations,
        tasks_from=tasks_from,
    )
    drawn = twin(TwinOptions(of=of, pool=pool, seed=work["seed"]))
    lengths = " and ".join(f"{mean:.1f}" for mean in drawn.means)
    reporter.note(f"mean lengths of subset and twin: {lengths} words; {drawn.moved} from a neighbouring bin of length")
    return list(drawn.ids)
