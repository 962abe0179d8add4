"""Run one phase: a checkpoint, tasks and a recipe in; a standard checkpoint with its provenance out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xharness.checkpoints.checkpoint import Head
from xharness.checkpoints.offline import offline
from xharness.checkpoints.provenance import TRAINING_LOG as LOG
from xharness.compute import cpu as processor
from xharness.compute.device import release_memory
from xharness.evaluation.evaluate import Reporter
from xharness.train.checkpoint_writing import write_checkpoints
from xharness.train.convergence import doubts
from xharness.train.data import development
from xharness.train.folder import PhaseFolder
from xharness.train.launching import join
from xharness.train.loop.metric_logging import TrainingLog
from xharness.train.loop.settings import TrainerCallbacks, TrainingSettings
from xharness.train.loop.trackers import TENSORBOARD, Trackers, without_trainer
from xharness.train.loop.validation import DevEvaluation, DevScores
from xharness.train.options import FinetuneOptions
from xharness.train.parallel import ProcessGroup
from xharness.train.phase import Phase
from xharness.train.prepare import encode
from xharness.train.specification import PhaseSpecification
from xharness.train.specify import specify

if TYPE_CHECKING:
    from xharness.train.loop.trainer import Trainer
    from xharness.train.loop.training_progress import TrainingProgress
    from xharness.train.loop.validation import ValidationSet
    from xharness.train.model import Built

POOLERS = {
    "kept": "loaded, and kept in the checkpoint",
    "fresh": "fresh, the model has none",
    "absent": "none in this architecture",
}


@offline()
def finetune(
    options: FinetuneOptions, reporter: Reporter | None = None, *, specification: PhaseSpecification | None = None
) -> Path:
    """Train one phase, or continue an interrupted one; returns the folder of the checkpoint.

    Processes that ``torchrun`` or ``accelerate launch`` has started together share the work; each of them calls this.
    A phase that is finished is recognised by its specification, before any example is read.

    Args:
        specification: From :func:`xharness.train.specify.specify`, where that was called already.

    Raises:
        UserError: anything that the user can fix; what was trained is kept.
    """
    processes, device = join(options.device)
    options = replace(options, device=device)
    reporter = (reporter if processes.main else None) or Reporter()
    phase = specification or processes.together(lambda: specify(options))
    if options.fsdp:
        from xharness.train.sharding import check_sharding

        check_sharding(processes.size, options.compile, phase.recipe)
    folder = PhaseFolder(options.out, phase)
    processes.check_same({**folder.record, "batch_tokens": phase.batch_tokens})
    finished = processes.by_main(lambda: folder.finished)
    _tell(folder, reporter)
    if not finished:
        _bring_about(folder, options, reporter, processes)
    processes.by_main(lambda: _finish(options, folder, reporter.note))
    return options.out


def _bring_about(folder: PhaseFolder, options: FinetuneOptions, reporter: Reporter, processes: ProcessGroup) -> None:
    """Train what is not trained yet, and move it into place."""
    reporter.progress("reading training data", 0.0)
    phase = processes.together(lambda: encode(folder.specification))
    processes.check_same({"steps": phase.total, "sizes": phase.sizes})
    with processes.held_by_main(folder.claimed()):
        if processes.by_main(lambda: folder.finished):
            return
        for warning in phase.warnings():
            reporter.note(f"note: {warning}")
        trained = processes.by_main(lambda: folder.trained)
        _tell(folder, reporter)
        if not trained:
            _train(phase, options, folder, reporter, processes)
            release_memory()
        processes.by_main(folder.publish)


def _tell(folder: PhaseFolder, reporter: Reporter) -> None:
    """Say what a look at the files found."""
    for note in folder.notes:
        reporter.note(f"note: {note}")


def _finish(options: FinetuneOptions, folder: PhaseFolder, note: Callable[[str], None]) -> None:
    """What may be missing after a training that was killed at its very end, and what it need not keep."""
    if TENSORBOARD in options.trackers and not (options.out / TENSORBOARD).exists():
        log = TrainingLog(options.out / LOG)
        with without_trainer():
            log.followed_by(Trackers([TENSORBOARD], options.out).start(), note)
            log.close()
    folder.clean()


def _train(
    phase: Phase, options: FinetuneOptions, folder: PhaseFolder, reporter: Reporter, processes: ProcessGroup
) -> None:
    """Train, and write the checkpoints beside the saved states."""
    from xharness.train.loop.checkpointing import StateFolder
    from xharness.train.loop.dynamics import check_recorded

    if options.dynamics:
        processes.by_main(lambda: check_recorded(StateFolder(folder.working / "state").newest()))
    reporter.progress(f"loading: {phase.parent.name}", 0.0)
    built = processes.together(lambda: make_model(phase))
    processes.by_main(folder.take_back_log)
    trackers = Trackers(options.trackers, options.out) if options.trackers else None
    trainer = make_trainer(phase, built, folder.working, trackers, processes)
    if processes.size > 1:
        reporter.note(f"{processes.size} processes share every step")
    loaded = f"encoder: every weight of {phase.parent.path} loaded"
    reporter.note(f"{loaded}; pooler: {POOLERS[built.pooler]}; heads: {_heads(phase)}")
    devs = _development(phase)
    evaluation = DevEvaluation(devs, trainer.learner.heads, phase.loaded, phase.specification.batch_tokens)

    def validate() -> DevScores:
        return evaluation.scores(trainer.progress.step, trainer.progress.best_step)

    processor.keep_freed_memory()
    progress = trainer.run(TrainerCallbacks(validate if devs else None, reporter.progress, reporter.note))
    processes.by_main(lambda: _write(phase, folder, built, trainer, evaluation, progress, reporter))


def _development(phase: Phase) -> dict[str, dict[str, ValidationSet]]:
    """What is answered on dev, by member; a member without dev is absent."""
    found = {name: development(data, phase.objectives[name], phase.recipes[name]) for name, data in phase.data.items()}
    return {name: languages for name, languages in found.items() if languages}


def _write(
    phase: Phase,
    folder: PhaseFolder,
    built: Built,
    trainer: Trainer,
    evaluation: DevEvaluation,
    progress: TrainingProgress,
    reporter: Reporter,
) -> None:
    """Write the checkpoints, and say which members did not train."""
    from xharness.train.loop.checkpointing import written

    learner, members = trainer.learner, phase.members.values()
    with learner.answering():
        found = doubts(evaluation, members, progress, folder.log)
    with written(folder.final, "the checkpoint"):
        dynamics = trainer.dynamics.found() if trainer.dynamics else {}
        write_checkpoints(phase, replace(built, model=learner.trained), progress, folder, dynamics, found)
    for name, why in found.items():
        reporter.note(f"note: {name} did not train: {'; '.join(why)}")


def _heads(phase: Phase) -> str:
    """Where the heads come from."""
    if phase.specification.keeps_head:
        return "the parent's own"
    masked = any(made.head is Head.MASKED for made in phase.objectives.values())
    kept = "the one for masked words as the parent has it, if it has one"
    return "fresh" if not masked else kept if len(phase.members) == 1 else f"fresh, but {kept}"


def make_model(phase: Phase) -> Built:
    """The model of a phase, as its training starts."""
    from xharness.train.model import build

    keeps_head, low_rank = phase.specification.keeps_head, phase.options.low_rank
    return build(
        phase.parent, phase.objectives, phase.recipe, phase.loaded.pad_id, keeps_head=keeps_head, low_rank=low_rank
    )


def make_trainer(
    phase: Phase, built: Built, working: Path, trackers: Trackers | None = None, processes: ProcessGroup | None = None
) -> Trainer:
    """The trainer of a phase.

    Args:
        working: Folder for saved states and the log.
        trackers: Who gets the numbers of the log as well.
        processes: The processes that train it; alone by default.
    """
    from xharness.train.loop.trainer import Trainer

    options = phase.options
    settings = TrainingSettings(
        batch_tokens=phase.specification.batch_tokens,
        save_every=options.save_every,
        keep=options.keep,
        task_weights=options.task_weights,
        gradient_checkpointing=options.gradient_checkpointing,
        compile=options.compile,
        fsdp=options.fsdp,
        trackers=trackers,
        dynamics=options.dynamics,
    )
    return Trainer(built.model, phase.loaded, phase.drawn(), phase.recipe, phase.total, settings, working, processes)
