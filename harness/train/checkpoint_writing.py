"""The checkpoints that a phase ends in, with their provenance."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xharness.checkpoints.adapter import FOLDER as ADAPTER
from xharness.checkpoints.provenance import FILE as MARK
from xharness.checkpoints.provenance import TRAINING_LOG as LOG
from xharness.checkpoints.provenance import write_provenance
from xharness.tasks.common.files import hash_file, render_json, write_atomic
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.sealed import files_below, seal
from xharness.tasks.selection.dynamics import FILE as DYNAMICS
from xharness.tasks.selection.dynamics import TrainingDynamics
from xharness.train.folder import PhaseFolder
from xharness.train.mixture_options import describe as describe_mixture
from xharness.train.phase import RULE, Phase
from xharness.train.recipes import own_inputs

if TYPE_CHECKING:
    from xharness.train.loop.training_progress import TrainingProgress
    from xharness.train.lora import Adapter
    from xharness.train.model import Built


def write_checkpoints(
    phase: Phase,
    built: Built,
    progress: TrainingProgress,
    place: PhaseFolder,
    dynamics: Mapping[str, TrainingDynamics],
    doubts: Mapping[str, Sequence[str]],
) -> None:
    """The checkpoints with their provenance, and the dynamics of the members whose examples were kept an eye on.

    Args:
        doubts: By member, why its training came to nothing.
    """
    from xharness.train.model import let_others_read, save_checkpoint

    final, kept = place.final, phase.members
    shutil.rmtree(final, ignore_errors=True)
    adapters = _merged(phase, built)
    for name, member in kept.items():
        folder = final if len(kept) == 1 else final / name
        save_checkpoint(built, member, phase.loaded.tokenizer, folder)
        if member in adapters:
            adapters[member].write(folder / ADAPTER)
            let_others_read(folder / ADAPTER)
        if member in dynamics:
            write_atomic(folder / DYNAMICS, dynamics[member].pack())
        select = _select(phase, progress, member)
        _trace(folder, phase, built, progress, place, select=select, did_not_train=doubts.get(member, ()))
    if len(kept) > 1:
        files = files_below(final) | ({LOG: hash_file(place.log)} if place.log.is_file() else {})
        write_atomic(final / MARK, render_json(seal({**place.record, "tasks": list(kept), "files": files})))


def _trace(
    folder: Path,
    phase: Phase,
    built: Built,
    progress: TrainingProgress,
    place: PhaseFolder,
    *,
    select: dict[str, Json],
    did_not_train: Sequence[str],
) -> None:
    """Write the provenance of a checkpoint; the last of its files."""
    write_provenance(
        folder,
        parent=phase.parent,
        tasks=list(phase.members),
        recipe=phase.recipe.record(),
        mixture=_mixture(phase),
        data={each: _data(phase, each) for each in phase.data},
        select=select,
        pooler=built.pooler,
        identity=phase.specification.identity,
        seen=phase.seen,
        processes=progress.processes,
        log=place.log if len(phase.members) == 1 else None,
        threads=progress.threads,
        did_not_train=did_not_train,
        seconds=place.seconds,
    )


def _merged(phase: Phase, built: Built) -> Mapping[str, Adapter]:
    """What was learned by low-rank matrices, by member, and then added to the weights; nothing without them."""
    from xharness.train.lora import adapters_of, merge

    model, low_rank = built.model, phase.options.low_rank
    if low_rank is None:
        return {}
    kinds = {name: made.head for name, made in phase.objectives.items()}
    found = adapters_of(model.encoder, dict(model.heads.items()), kinds, low_rank, phase.parent)
    merge(model.encoder)
    return found


def _data(phase: Phase, name: str) -> dict[str, Json]:
    """What a task was trained on, and which of its dev examples do not count."""
    data = phase.data[name]
    return {
        "files": data.files,
        "sha256": phase.specification.files[name].train_hash,
        "examples": len(data.train),
        "units": phase.sizes[name],
        "data_seed": phase.options.data_seed,
        "left_out_of_dev": {language: dict(dev.left_out) for language, dev in data.dev.items()},
    }


def _mixture(phase: Phase) -> dict[str, Json] | None:
    """How tasks were mixed, and whose recipe it was."""
    if len(phase.data) == 1:
        return None
    inputs = {name: own_inputs(recipe) for name, recipe in phase.recipes.items()}
    return {
        **describe_mixture(phase.sizes, phase.mixture),
        "rule": RULE,
        "recipe_of": next(iter(phase.recipes)),
        "inputs": inputs,
    }


def _select(phase: Phase, progress: TrainingProgress, member: str) -> dict[str, Json]:
    """Which step was kept and why."""
    chosen = progress.best is not None
    languages = phase.chosen_on
    return {
        "on": ("English dev" if languages == ["en"] else f"dev in {', '.join(languages)}")
        if chosen
        else "the last step",
        "metric": " and ".join(phase.data[member].task.metric.primary_scores),
        "best": progress.best,
        "step": progress.best_step if chosen else progress.step,
    }
