"""The study's own files: what was asked for, its graph, and when its hypotheses were declared.

OUT/study.json     design, options and size, sealed
OUT/graph.json     steps, what each needs and costs, and which evaluation stands for which arm, target and seed
OUT/results.csv    every score, one line each; OUT/results.json the same with what produced it
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xharness.studies.design import StudyDesign, targets_of
from xharness.studies.graph import Graph, Step
from xharness.studies.planning import Evaluated, PlannedStudy
from xharness.studies.store import Store
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import TEMPORARY_SUFFIX, render_json, sweep_partial, write_atomic
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.sealed import is_broken, is_sealed, seal
from xharness.tasks.common.typed_toml import typed

STUDY, GRAPH = "study.json", "graph.json"


_FIXES = {
    GRAPH: "run the same xharness study run command again: it writes it anew",
    STUDY: "bring it back; or run the study with another --out and the same --store: no step is done again",
}


@dataclass(frozen=True)
class RecordedStudy:
    """A study as its folder tells it.

    Attributes:
        declared: Every version of the hypotheses: when it was declared, and how many evaluations were whole then.
        operations: Of each step, as the budget has it; empty if nobody asked for one.
    """

    out: Path
    name: str
    design: StudyDesign
    size: str
    store: Store
    evaluated: tuple[Evaluated, ...]
    graph: Graph
    declared: tuple[Mapping[str, Any], ...]
    options: Mapping[str, Any]
    operations: Mapping[str, float]

    @property
    def declared_late(self) -> bool:
        """Whether the hypotheses that are judged were declared when there were results already."""
        return bool(self.declared and self.declared[-1]["evaluations"])


def record(
    name: str, planned: PlannedStudy, operations: Mapping[str, float] | None = None, threads: int = 1
) -> RecordedStudy:
    """Write down what is run. A folder belongs to one study and one size.

    Args:
        operations: Of each step, by the budget.
        threads: Of each step.

    Raises:
        UserError: the folder holds another study, or something else.
    """
    out, store = planned.options.out, Store(planned.options.store_folder)
    before = _read(out / STUDY) if (out / STUDY).exists() else None
    _check_ours(out, before, name, planned)
    sweep_partial(out)  # of calls that were killed while they wrote
    store.root.mkdir(parents=True, exist_ok=True)
    asked = dict.fromkeys([*(before or {}).get("asked", ()), *(each.step.id for each in planned.evaluated)])
    design = json.loads(json.dumps(asdict(planned.design)))
    content: dict[str, Json] = {
        "study": name,
        "size": planned.chosen.name,
        "design": design,
        "options": {**_described(planned), "threads": threads},
        "declared": _declared(before, design["hypotheses"], planned, store, list(asked)),
        "asked": list(asked),
    }
    write_atomic(out / STUDY, render_json(seal(content)))
    costs: dict[str, Json] = dict(operations or {})
    steps: list[Json] = [step.record() for step in planned.graph]
    graph: dict[str, Json] = {"steps": steps, "evaluated": [*_cells(planned)], "operations": costs}
    write_atomic(out / GRAPH, render_json(seal(graph)))
    return open_study(out)


def open_study(out: Path) -> RecordedStudy:
    """Read a study's folder.

    Raises:
        UserError: it is not one, or its files were changed.
    """
    if not (out / STUDY).is_file():
        why = "it has no study.json that xharness study run wrote"
        raise UserError(f"{out} is not a study", why, "give the --out of xharness study run")
    found, graph = _read(out / STUDY), _read(out / GRAPH)
    if not Path(found["options"]["store"]).is_dir():
        what, why = f"no store at {found['options']['store']}", "the results of the study's steps lie there"
        raise UserError(what, why, "bring it back, or run the study again with --store")
    steps = Graph.of(Step(**each) for each in graph["steps"])
    evaluated = tuple(
        Evaluated(each["arm"], each["target"], each["seed"], steps.steps[each["step"]]) for each in graph["evaluated"]
    )
    return RecordedStudy(
        out=out,
        name=found["study"],
        design=typed(_lists(found["design"]), StudyDesign, str(out / STUDY)),
        size=found["size"],
        store=Store(Path(found["options"]["store"])),
        evaluated=evaluated,
        graph=steps,
        declared=tuple(found["declared"]),
        options=found["options"],
        operations=graph.get("operations", {}),
    )


def known_operations(out: Path, graph: Graph) -> Mapping[str, float]:
    """What an earlier call wrote of what each step costs; empty if it did not, or not of all of these."""
    if not (out / GRAPH).is_file():
        return {}
    with suppress(UserError):
        found: Mapping[str, float] = _read(out / GRAPH).get("operations", {})
        return found if graph.steps.keys() <= found.keys() else {}
    return {}


def _read(path: Path) -> dict[str, Any]:
    """A sealed file of ours."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}", str(error), _FIXES[path.name]) from error
    if not isinstance(found, dict) or is_broken(found) or not is_sealed(found):
        raise UserError(f"cannot read {path}", "it is no longer what xharness wrote", _FIXES[path.name])
    return found


def _check_ours(out: Path, before: Mapping[str, Any] | None, name: str, planned: PlannedStudy) -> None:
    if before is None:
        if out.is_dir() and any(not path.name.endswith(TEMPORARY_SUFFIX) for path in out.iterdir()):
            raise UserError(f"{out} is not empty", "a study has a folder of its own", "choose another --out")
        return
    titles = before["design"]["title"], planned.design.title
    names = (("study", before["study"], name), ("size", before["size"], planned.chosen.name), ("study", *titles))
    for what, then, now in names:
        if then != now:
            why = f"it holds the {what} '{then}', and this is '{now}'"
            raise UserError(f"{out} is another {what}'s folder", why, "choose another --out")


def _described(planned: PlannedStudy) -> dict[str, Json]:
    options = planned.options
    return {
        "named": options.named,
        "model": str(options.model),
        "data": str(options.data),
        "train data": str(options.train_data) if options.train_data else None,
        "store": str(options.store_folder.resolve()),
        "sets": list(options.sets),
        "arms": list(planned.chosen.arms),
        "targets": list(planned.chosen.targets),
        "seeds": list(planned.chosen.seeds),
        "layer": options.layer,
        "device": options.device,
        "precision": options.precision,
        "gpus": options.gpus,
    }


def _declared(
    before: Mapping[str, Any] | None, hypotheses: Json, planned: PlannedStudy, store: Store, asked: Sequence[str]
) -> list[dict[str, Json]]:
    """Versions of the hypotheses so far; a new one is added with what was known at its time.

    Args:
        asked: Every evaluation that this folder has asked for, with other seeds or arms as well.
    """
    found = list(before["declared"]) if before else []
    version = content_key({"hypotheses": hypotheses})
    if not found or found[-1]["hypotheses"] != version:
        known = sum(map(store.is_done, asked)) if found or _is_known(planned, store) else 0
        found.append({"hypotheses": version, "time": round(time.time()), "evaluations": known})
    return found


def _is_known(planned: PlannedStudy, store: Store) -> bool:
    """Whether other studies have left all that a hypothesis is about, under one seed at least, in the store."""
    done = {(each.arm, each.target, each.seed) for each in planned.evaluated if store.is_done(each.step.id)}
    return any(
        all((arm, target, seed) in done for arm in each.arms for target in targets_of(each))
        for each in planned.design.hypotheses
        for seed in planned.chosen.seeds
    )


def _cells(planned: PlannedStudy) -> list[dict[str, Json]]:
    return [
        {"arm": each.arm, "target": each.target, "seed": each.seed, "step": each.step.id} for each in planned.evaluated
    ]


def _lists(design: Any) -> Any:
    """A design from JSON, without what is nothing, as a file of TOML would have it."""
    if isinstance(design, dict):
        return {name: _lists(value) for name, value in design.items() if value is not None}
    return [_lists(value) for value in design] if isinstance(design, list) else design
