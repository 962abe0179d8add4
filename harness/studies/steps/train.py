"""Steps that train one phase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xharness.compute.device import foreseen
from xharness.evaluation.reporter import Reporter
from xharness.studies.graph import Step
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import FileHashes
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.keys import content_key
from xharness.train.mixture_options import MixtureOptions
from xharness.train.options import FinetuneOptions
from xharness.train.specification import PhaseSpecification
from xharness.train.specify import specify

KIND, MODEL, SUBSET = "train", "model", "subset"
SHARED = True
IDS = "ids.txt"


@dataclass(frozen=True)
class PlannedCheckpoint:
    """A checkpoint that a step will make, or that the study starts from.

    Attributes:
        step: None for the start.
        key: Of the phase; the start's fingerprint.
        member: Name of the folder in the step's result that the next phase starts from; empty is the result itself.
        tasks: What it was trained on last.
    """

    step: Step | None
    key: str
    member: str = ""
    tasks: tuple[str, ...] = ()

    @property
    def parents(self) -> dict[str, str]:
        """The step's identifier by its role; empty for the start."""
        return {MODEL: self.step.id} if self.step else {}


def plan(
    options: FinetuneOptions,
    parent: PlannedCheckpoint,
    hashes: FileHashes,
    subset: Step | None = None,
    processes: int = 1,
) -> PlannedCheckpoint:
    """The step of a phase, and the checkpoint that it makes. Reads no example and no weights.

    Args:
        options: With the study's start as the model, whose architecture every phase has.
        subset: The step that chooses the examples.
        processes: That will share the training.

    Raises:
        UserError: anything that is wrong with the phase.
    """
    phase = specify(
        options,
        parent_key=parent.key,
        parent_tasks=parent.tasks,
        hashes=hashes,
        device=foreseen(options.device, options.precision),
        processes=processes,
    )
    key = _key(phase, subset.key if subset else None)
    members = list(phase.members)
    step = Step(
        KIND,
        key,
        _title(phase, subset),
        {**parent.parents, **({SUBSET: subset.id} if subset else {})},
        {
            "options": _described(options),
            "parent_key": parent.key,
            "member": parent.member,
            "subset_key": subset.key if subset else None,
        },
    )
    return PlannedCheckpoint(step, key, "" if len(members) == 1 else members[0], tuple(members))


def _title(phase: PhaseSpecification, subset: Step | None) -> str:
    """What is trained on, how much of it, and the seed."""
    examples = phase.options.examples
    much = [f"{examples:,} examples"] if examples else [subset.title] if subset else []
    return ", ".join([" + ".join(phase.members), *much, f"seed {phase.recipe.seed}"])


def tasks_of(step: Step) -> tuple[str, ...]:
    """Names of what a step trains on, by which its recipes and its data are named."""
    work: Any = step.work
    options = options_of(work["options"])
    return tuple(options.registry.trainable(name).name for name in options.tasks)


def run(step: Step, inputs: Mapping[str, Path], out: Path, reporter: Reporter) -> None:
    """Train the phase, or continue it.

    Raises:
        UserError: anything that the user can fix; among it data that are not those that were planned with.
    """
    from xharness.train.finetune import finetune

    work: Any = step.work
    options = options_of(work["options"])
    if MODEL in inputs:
        options = replace(options, model=inputs[MODEL] / work["member"])
    options = replace(options, out=out)
    phase = specify(options, parent_key=work["parent_key"])
    if _key(phase, work["subset_key"]) != step.key:
        why = "data, model or recipe changed since the study was planned"
        raise UserError(f"{step.title} is not the phase that was planned", why, "run the study again: it plans anew")
    if SUBSET in inputs:
        options = replace(options, select=inputs[SUBSET] / IDS)
        phase = specify(options, parent_key=work["parent_key"])
    finetune(options, reporter, specification=phase)


def _key(phase: PhaseSpecification, subset: str | None) -> str:
    """The phase's own key; with a subset that a step chooses, or with dynamics recorded, of both."""
    further: dict[str, Json] = {"subset": subset} if subset else {}
    if phase.options.dynamics:
        further["dynamics"] = True
    return content_key({"phase": phase.key, **further}) if further else phase.key


def _described(options: FinetuneOptions) -> dict[str, Json]:
    """What is said about a phase, as JSON: every field that is not as it would be anyway."""
    plain = FinetuneOptions(model=Path(), tasks=(), data=Path(), out=Path())
    names = [name for name in plain.__dataclass_fields__ if name != "out"]
    return {name: _as_json(getattr(options, name)) for name in names if getattr(options, name) != getattr(plain, name)}


def _as_json(value: object) -> Any:
    if isinstance(value, MixtureOptions):
        return {name: _as_json(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {name: _as_json(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_as_json(one) for one in value]
    return str(value.resolve()) if isinstance(value, Path) else value


PATHS = ("model", "data", "overrides", "select", "synonyms", "tasks_from")


def options_of(described: JsonObject) -> FinetuneOptions:
    """The options from what :func:`_described` made of them."""
    fields: dict[str, Any] = dict(described)
    for name in PATHS:
        if fields.get(name) is not None:
            fields[name] = Path(fields[name])
    if "translations" in fields:
        fields["translations"] = {name: Path(file) for name, file in fields["translations"].items()}
    if "mixture" in fields:
        fields["mixture"] = MixtureOptions(**fields["mixture"])
    return FinetuneOptions(**{"out": Path(), **fields})
