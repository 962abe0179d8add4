"""How each phase of a study was trained, by what its checkpoints tell; by what was planned where there is none yet."""

from __future__ import annotations

from typing import Any

from xharness.checkpoints import provenance
from xharness.report.study_contents import StudyContents
from xharness.report.study_graph import group_of
from xharness.studies.graph import Step
from xharness.studies.steps import train
from xharness.studies.store import Store
from xharness.tables.table import MISSING, Column, Table, TableCell, TableRow, words
from xharness.train.recipes import REFERENCE

NUMBERS = ("learning_rate", "epochs", "steps", "batch_size", "max_length", "warmup_steps", "weight_decay")


def recipes(contents: StudyContents) -> Table:
    """A row for each way in which a phase was trained, whatever the seed and the parent."""
    study = contents.study
    groups = group_of(list(study.graph))
    members: dict[str, list[Step]] = {}
    for step in study.graph:
        if step.kind == train.KIND:
            members.setdefault(groups[step.id], []).append(step)
    columns = [
        Column("phase"),
        Column("recipe"),
        Column("examples", True),
        *(Column(name.replace("_", " "), True) for name in NUMBERS),
        Column("training data (sha256)", code=True),
    ]
    rows = [TableRow(cells) for cells in dict.fromkeys(tuple(_row(steps, study.store)) for steps in members.values())]
    return Table("recipes", "Phases and their recipes", columns, rows).without_empty_columns()


def _row(steps: list[Step], store: Store) -> list[TableCell]:
    options: Any = steps[0].work["options"]
    record: Any = next(filter(None, (_record(step, store) for step in steps)), {})
    recipe, data = record.get("recipe") or {}, record.get("data") or {}
    sizes = " + ".join(f"{part['examples']:,}" for part in data.values() if isinstance(part.get("examples"), int))
    planned = f"{options['examples']:,}" if options.get("examples") else MISSING
    return [
        words(" + ".join(options["tasks"])),
        words(recipe.get("name") or options.get("recipe", REFERENCE)),
        words(sizes or planned),
        *(_number(recipe.get(name)) for name in NUMBERS),
        words(" ".join(str(part.get("sha256", ""))[:12] for part in data.values())),
    ]


def _record(step: Step, store: Store) -> Any:
    """The provenance of the checkpoint; of a suite, of its first one. None if it is not there."""
    if not store.is_done(step.id):
        return None
    work: Any = step.work
    names = work["options"]["tasks"]
    return provenance.read(store.output(step.id) / (names[0] if len(names) > 1 else ""))


def _number(value: object) -> TableCell:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return words(f"{value:g}" if is_number else "")
