"""The training loop: one optimizer step after the other, each a function of the state before it and its number.

An optimizer step sees exactly the examples that the mixture gives it. How they are cut into micro-batches (by length,
under a token budget) changes the gradient by rounding only, because losses are summed and divided by the weight of the
whole step. For the same reason several processes may share them (:mod:`xharness.train.parallel`).
"""

from __future__ import annotations

import time
from pathlib import Path

import torch

from xharness.compute.loading import Loaded
from xharness.tasks.common.errors import Interrupted, UserError
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.recipe import Recipe
from xharness.train.loop.checkpointing import StateFolder
from xharness.train.loop.dynamics import DynamicsRecorder
from xharness.train.loop.gradient import StepGradient
from xharness.train.loop.interruption import Interruption
from xharness.train.loop.learner import Learner
from xharness.train.loop.metric_logging import TrainingLog
from xharness.train.loop.micro_batches import MicroBatches
from xharness.train.loop.selection import StepSelector, in_words
from xharness.train.loop.settings import StepReport, TrainerCallbacks, TrainingSettings
from xharness.train.loop.training_progress import TrainingProgress
from xharness.train.micro_batch_plan import overhead_on
from xharness.train.mixture import Mixture
from xharness.train.model import SharedModel
from xharness.train.parallel import ProcessGroup, quiet

LOG_EVERY = 10
PROCESSORS = ("cpu",)  # where the number of threads changes rounding


class Trainer:
    """Trains a :class:`SharedModel`.

    Args:
        total: Optimizer steps.
        folder: For saved states and the log.
        processes: Those that train together; by default this one is alone.
    """

    def __init__(
        self,
        model: SharedModel,
        loaded: Loaded,
        mixture: Mixture,
        recipe: Recipe,
        total: int,
        settings: TrainingSettings,
        folder: Path,
        processes: ProcessGroup | None = None,
    ) -> None:
        self.recipe, self.total, self.settings = recipe, total, settings
        self.processes = processes or ProcessGroup()
        self.learner = Learner(model, loaded, recipe, settings, self.processes)
        self.micro_batches = MicroBatches(
            mixture,
            model.objectives,
            settings.task_weights,
            padding=self.learner.packing is None,
            overhead=overhead_on(self.learner.device.type),
            sharded=settings.fsdp,
            processes=self.processes,
            budget=settings.batch_tokens,
        )
        self.interruption = Interruption(alone=self.processes.size == 1)
        self.dynamics = DynamicsRecorder(mixture, model.objectives, self.processes) if settings.dynamics else None
        self.gradient = StepGradient(
            self.learner, self.micro_batches, self.processes, self.interruption, folder, self.dynamics
        )
        self.states = StateFolder(folder / "state", settings.keep, self.processes)
        instances = sum(len(objective.instances) for objective in model.objectives.values())
        every = recipe.checked_every(instances)
        self.selector = StepSelector(
            self.learner, self.states, self.processes, self.interruption, every, total, recipe.selection.patience
        )
        self.log = TrainingLog(folder / "log.jsonl")
        self.progress, self.callbacks = TrainingProgress(), TrainerCallbacks()

    def run(self, callbacks: TrainerCallbacks) -> TrainingProgress:
        """Train to the end, or on from the newest saved state.

        Raises:
            UserError: a loss that is not finite (its examples are written down first), or an interruption.
        """
        self.callbacks = callbacks
        with self.interruption, self.learner.faster():
            self._continue()
            try:
                self._train()
            except KeyboardInterrupt:
                self.interruption.hold_back()
                self._save()
                raise self._interrupted() from None
            self._finish()
            return self.progress

    def _train(self) -> None:
        """All steps that are left."""
        self._validate_if_due()  # that is where an earlier process may have been interrupted
        while self.progress.step < self.total and not self.selector.is_over(self.progress):
            self.step()
            self._validate_if_due()
            step = self.progress.step
            if step % self.settings.save_every == 0 and step < self.total:
                self._save()

    def step(self) -> None:
        """One optimizer step: the gradient of its micro-batches, clipped, and the update."""
        started, number = time.perf_counter(), self.progress.step
        sums = self.gradient.of_step(number, self.callbacks.note)
        rate = self.recipe.learning_rate_at(number, self.total)
        with self.interruption.held_back():
            self.learner.clip()
            self.learner.update(rate)
            self.progress.step += 1
            self.progress.tokens += sums.tokens
            seconds = time.perf_counter() - started
            self._report(StepReport(number + 1, sums.loss, rate, sums.tokens, sums.computed, seconds))
        if sums.stop:
            raise KeyboardInterrupt

    # -- around a step ------------------------------------------------------------------------------------------------

    def _report(self, done: StepReport) -> None:
        """A line of the log now and then, and progress always."""
        if done.step % LOG_EVERY == 0 or done.step in (1, self.total):
            padding = round(1 - done.tokens / max(1, done.computed), 4)
            speed = {"tokens_per_second": round(done.speed), "padding_share": padding}
            self._write({"step": done.step, "loss": done.loss, "learning_rate": done.learning_rate, **speed})
        self.callbacks.step(done)
        said = f"step {done.step}/{self.total} loss {done.loss:.3f} {done.speed:.0f} tokens/s"
        self.callbacks.progress(said, done.step / self.total)

    def _validate_if_due(self) -> None:
        """Evaluate on dev where a step calls for it that was not evaluated yet."""
        validate = self.callbacks.validate
        if validate and self.recipe.selection.on == "dev" and self.selector.is_due(self.progress):
            found = self.selector.scores(validate)
            with self.interruption.held_back():
                self._write(self.selector.keep_best(found, self.progress))
                self.callbacks.note(in_words(found, self.progress))

    def _write(self, entry: JsonObject) -> None:
        if self.processes.main:
            self.log.append(entry)

    # -- begin, save and end ------------------------------------------------------------------------------------------

    def _continue(self) -> None:
        """Bring everything to the newest saved state, or to the start."""
        learner, note = self.learner, self.callbacks.note
        self.progress = self.states.load(learner.raw, learner.optimizer, lambda text: note(f"note: {text}"))
        if self.dynamics:
            self.dynamics.load(self.states.newest())
        if self.progress.step:
            note(f"continuing at step {self.progress.step} of {self.total}")
        learner.loss_scale.load(self.progress.loss_scale)
        self._cut_as_before()
        self._remember_processes()
        if damage := self.processes.by_main(lambda: self._cut_log()):
            note(f"note: {damage}")
        learner.raw.train()  # the encoder comes from its file in evaluation mode, without dropout
        if self.settings.trackers and self.processes.main:
            self.log.followed_by(self.settings.trackers.start(), note)

    def _cut_as_before(self) -> None:
        """Keep micro-batches as small as memory wanted them; say where steps are cut in another way than before."""
        note, progress, micro_batches = self.callbacks.note, self.progress, self.micro_batches
        if progress.budget and progress.budget < micro_batches.budget:
            micro_batches.budget = progress.budget
            note(f"note: micro-batches of {progress.budget} tokens, as memory ran short before")
        if progress.padding[-1:] != [micro_batches.padding]:
            if progress.padding and not self.learner.by_instance:
                said = "computed now, left out before" if micro_batches.padding else "left out now, computed before"
                note(f"note: padding is {said}: the same steps, other masks of dropout")
            progress.padding.append(micro_batches.padding)

    def _cut_log(self) -> str:
        """Forget lines after the state that training continues from; what is wrong with the others."""
        return self.log.cut(self.progress.step, self.progress.log_bytes, self.progress.log_sha256)

    def _remember_processes(self) -> None:
        """Note how many processes and threads train from here on."""
        progress, threads = self.progress, torch.get_num_threads()
        if progress.processes[-1:] != [self.processes.size]:
            progress.processes.append(self.processes.size)
        if progress.threads[-1:] != [threads]:
            if progress.threads and self.learner.device.type in PROCESSORS:
                before = f"{progress.threads[-1]} thread{'s' if progress.threads[-1] > 1 else ''} before"
                said = f"note: {before}, {threads} now: the same training, but for rounding (OMP_NUM_THREADS)"
                self.callbacks.note(said)
            progress.threads.append(threads)

    def _save(self) -> None:
        with self.interruption.held_back():
            if self.processes.main:
                self.progress.log_bytes, self.progress.log_sha256 = self.log.extent()
            self.progress.loss_scale = self.learner.loss_scale.state()
            short = self.micro_batches.budget < self.settings.batch_tokens
            self.progress.budget = self.micro_batches.budget if short else 0
            dynamics = self.dynamics.tensors() if self.dynamics else None
            self.states.save(self.learner.raw, self.learner.optimizer, self.progress, dynamics)

    def _interrupted(self) -> UserError:
        """What is said after an interruption, by the main process."""
        asked = self.interruption.asked
        error = Interrupted(
            f"interrupted after step {self.progress.step} of {self.total}",
            f"{asked.name} came; the state is saved" if asked else "the state is saved",
            "run the same command again: it continues",
        )
        return error if self.processes.main else quiet(error)

    def _finish(self) -> None:
        """Save, and bring the trained model to the weights that are kept."""
        self._save()
        self.log.close()
        self.learner.gather()
        if self.progress.best is not None and self.processes.main:
            self.states.load_best(self.learner.trained, self.progress)
