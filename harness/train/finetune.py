"""Run one phase: a checkpoint, tasks and a recipe in; a standard checkpoint with its provenance out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.checkpoint import Head
from harness.evaluate import Reporter
from harness.train.data import development
from harness.train.folder import BOARD, LOG, MARK, PhaseFolder
from harness.train.options import FinetuneOptions
from harness.train.parallel import Team, join
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

    Processes that ``torchrun`` or ``accelerate launch`` has started together share the work; each of them calls this.

    Args:
        phase: From :func:`harness.train.phase.prepare`, where that was called already.

    Raises:
        UserError: anything that the user can mend; what was trained is kept.
    """
    team, device = join(options.device)
    options = replace(options, device=device)
    reporter = (reporter if team.main else None) or Reporter()
    phase = phase or team.together(lambda: prepare(options))
    if options.fsdp:
        from harness.train.sharding import check_sharding

        check_sharding(team.size, options.compile, phase.recipe)
    team.check_same({**phase.identity, "steps": phase.total, "batch_tokens": phase.batch_tokens})
    folder = PhaseFolder(options.out, phase.identity)
    if not team.by_main(lambda: folder.finished):
        with team.held_by_main(folder.claimed()):
            if not team.by_main(lambda: folder.finished):
                for warning in phase.warnings():
                    reporter.note(f"note: {warning}")
                if not team.by_main(lambda: (folder.final / MARK).is_file()):
                    _train(phase, options, folder, reporter, team)
                team.by_main(folder.publish)
    team.by_main(lambda: _finish(options, folder))
    return options.out


def _finish(options: FinetuneOptions, folder: PhaseFolder) -> None:
    """What may be missing after a training that was killed at its very end, and what it need not keep."""
    if options.tensorboard and not (options.out / BOARD).exists():
        from harness.train.board import Board

        Board(options.out / BOARD, options.out / LOG).close()
    folder.clean()


def _train(phase: Phase, options: FinetuneOptions, folder: PhaseFolder, reporter: Reporter, team: Team) -> None:
    """Run the engine and write the checkpoints beside the saved states."""
    from harness import processor
    from harness.train.develop import DevScores, dev_scores
    from harness.train.engine import Hooks
    from harness.train.model import build
    from harness.train.state import written

    built = team.together(lambda: build(phase.parent, phase.objectives, phase.recipe, phase.loaded.pad_id))
    engine = make_engine(phase, built, folder.working, options.out / BOARD if options.tensorboard else None, team)
    if team.size > 1:
        reporter.note(f"{team.size} processes share every step")
    loaded = f"encoder: every weight of {phase.parent.path} loaded"
    reporter.note(f"{loaded}; pooler: {built.pooler}; heads: {_heads(phase)}")
    devs = {
        name: languages
        for name, data in phase.data.items()
        if (languages := development(data, phase.objectives[name], phase.recipes[name]))
    }
    heads: Mapping[str, Any] = engine.trained.heads  # type: ignore[assignment]  # a ModuleDict has no type of its values

    def develop() -> DevScores:
        return dev_scores(devs, heads, phase.loaded, phase.batch_tokens)

    processor.keep_freed_memory()
    position = engine.run(Hooks(develop if devs else None, reporter.progress, reporter.note))

    def write() -> None:
        with written(folder.final, "the checkpoint"):
            _write(phase, replace(built, model=engine.trained), position, folder.final)

    team.by_main(write)


def _heads(phase: Phase) -> str:
    """Where the heads come from."""
    masked = any(made.head is Head.MASKED for made in phase.objectives.values())
    kept = "the one for masked words as the parent has it, if it has one"
    return "fresh" if not masked else kept if len(phase.members) == 1 else f"fresh, but {kept}"


def make_engine(
    phase: Phase, built: Built, working: Path, board: Path | None = None, team: Team | None = None
) -> Engine:
    """The engine of a phase.

    Args:
        working: Folder for saved states and the log.
        board: Folder for TensorBoard's event files; None writes none.
        team: The processes that train it; alone by default.
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
        fsdp=options.fsdp,
        board=board,
    )
    return Engine(built.model, phase.loaded, phase.drawn(), phase.recipe, phase.total, settings, working, team)


def _write(phase: Phase, built: Built, position: Position, final: Path) -> None:
    """The checkpoints with their provenance."""
    from harness.train.model import save_checkpoint

    shutil.rmtree(final, ignore_errors=True)
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
            processes=position.processes,
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
