"""Run one phase: a checkpoint, tasks and a recipe in; a standard checkpoint with its provenance out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.evaluate import Reporter
from harness.train.data import development
from harness.train.folder import BOARD, LOG, MARK, PhaseFolder
from harness.train.options import FinetuneOptions
from harness.train.phase import RULE, Phase, prepare
from harness.train.provenance import write_provenance
from harness.train.recipes import OF_TASK, describe
from tasks.files import render_json, write_atomic

if TYPE_CHECKING:
    from harness.train.engine import Engine
    from harness.train.model import Built
    from harness.train.state import Position


def finetune(options: FinetuneOptions, reporter: Reporter | None = None, *, phase: Phase | None = None) -> Path:
    """Train one phase, or continue an interrupted one; returns the folder of the checkpoint.

    Args:
        phase: From :func:`harness.train.phase.prepare`, where that was called already.

    Raises:
        UserError: anything that the user can mend; what was trained is kept.
    """
    reporter = reporter or Reporter()
    phase = phase or prepare(options)
    folder = PhaseFolder(options.out, phase.identity)
    if not folder.finished:
        with folder.claimed():
            if not folder.finished:
                for warning in phase.warnings():
                    reporter.note(f"note: {warning}")
                if not (folder.final / MARK).is_file():
                    _train(phase, options, folder, reporter)
                folder.publish()
    if options.tensorboard and not (options.out / BOARD).exists():
        from harness.train.board import Board

        Board(options.out / BOARD, options.out / LOG).close()
    folder.clean()
    return options.out


def _train(phase: Phase, options: FinetuneOptions, folder: PhaseFolder, reporter: Reporter) -> None:
    """Run the engine and write the checkpoints beside the saved states."""
    from harness.train.develop import DevScores, dev_scores
    from harness.train.engine import Hooks
    from harness.train.model import build

    built = build(phase.parent, phase.objectives, phase.recipe, phase.loaded.pad_id)
    reporter.note(f"encoder: every weight of {phase.parent.path} loaded; pooler: {built.pooler}; heads: fresh")
    devs = {
        name: languages
        for name, data in phase.data.items()
        if (languages := development(data, phase.objectives[name], phase.recipes[name]))
    }
    heads: Mapping[str, Any] = built.model.heads  # type: ignore[assignment]  # a ModuleDict has no type of its values

    def develop() -> DevScores:
        return dev_scores(devs, heads, phase.loaded, phase.batch_tokens)

    engine = make_engine(phase, built, folder.working, options.out / BOARD if options.tensorboard else None)
    position = engine.run(Hooks(develop if devs else None, reporter.progress, reporter.note))
    shutil.rmtree(folder.final, ignore_errors=True)
    _write(phase, built, position, folder.final)


def make_engine(phase: Phase, built: Built, working: Path, board: Path | None = None) -> Engine:
    """The engine of a phase.

    Args:
        working: Folder for saved states and the log.
        board: Folder for TensorBoard's event files; None writes none.
    """
    from harness.train.engine import Engine, Settings

    options = phase.options
    settings = Settings(
        batch_tokens=phase.batch_tokens,
        save_every=options.save_every,
        keep=options.keep,
        task_weights=options.task_weights,
        gradient_checkpointing=options.gradient_checkpointing,
        compile=options.compile,
        board=board,
    )
    return Engine(built.model, phase.loaded, phase.drawn(), phase.recipe, phase.total, settings, working)


def _write(phase: Phase, built: Built, position: Position, final: Path) -> None:
    """The checkpoints with their provenance."""
    from harness.train.model import save_checkpoint

    kept = phase.members
    for name, member in kept.items():
        folder = final if len(kept) == 1 else final / name
        save_checkpoint(built.model, member, phase.loaded.tokenizer, folder)
        write_provenance(
            folder,
            parent=phase.parent,
            tasks=list(kept),
            recipe=describe(phase.recipe),
            mixture=_mixture(phase),
            data={
                n: {"files": d.files, "sha256": d.sha, "examples": len(d.train), "units": phase.sizes[n]}
                for n, d in phase.data.items()
            },
            select=_select(phase, position, member),
            pooler=built.pooler,
            identity=phase.identity,
            seen=phase.seen,
        )
    if len(kept) > 1:
        write_atomic(final / MARK, render_json({"identity": phase.identity, "tasks": list(kept)}))


def _mixture(phase: Phase) -> dict[str, Any] | None:
    """How tasks were mixed, and whose recipe it was."""
    if phase.identity["mixture"] is None:
        return None
    inputs = {name: {field: getattr(recipe, field) for field in OF_TASK} for name, recipe in phase.recipes.items()}
    return {**phase.identity["mixture"], "rule": RULE, "recipe_of": next(iter(phase.recipes)), "inputs": inputs}


def _select(phase: Phase, position: Position, member: str) -> dict[str, Any]:
    """Which step was kept and why."""
    chosen = position.best is not None
    languages = phase.chosen_on
    return {
        "on": ("English dev" if languages == ["en"] else f"dev in {', '.join(languages)}")
        if chosen
        else "the last step",
        "metric": " and ".join(phase.data[member].task.metric.main),
        "best": position.best,
        "step": position.best_step if chosen else position.step,
    }
