"""Which step is kept: evaluation on dev where a step calls for it, and the best weights so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xharness.tasks.common.json_types import Json
from xharness.train.loop.checkpointing import StateFolder
from xharness.train.loop.interruption import Interruption
from xharness.train.loop.learner import Learner
from xharness.train.loop.training_progress import TrainingProgress
from xharness.train.loop.validation import DevScores
from xharness.train.parallel import ProcessGroup


@dataclass(frozen=True)
class StepSelector:
    """Chooses by dev.

    Attributes:
        every: Optimizer steps between evaluations; the last step is evaluated in any case.
        total: Steps of the training.
        patience: Evaluations without a better one after which training stops; 0 never stops it.
    """

    learner: Learner
    states: StateFolder
    processes: ProcessGroup
    interruption: Interruption
    every: int
    total: int
    patience: int

    def is_due(self, progress: TrainingProgress) -> bool:
        """Whether this step calls for an evaluation that it did not have yet."""
        step = progress.step
        return step > 0 and (step % self.every == 0 or step == self.total) and step != progress.developed

    def is_over(self, progress: TrainingProgress) -> bool:
        """Whether patience is over."""
        return 0 < self.patience <= progress.waited

    def scores(self, validate: Callable[[], DevScores]) -> DevScores:
        """What the main process finds, for all.

        Raises:
            KeyboardInterrupt: it was asked to end meanwhile.
        """
        with self.learner.evaluable():
            found = self.processes.by_main(lambda: self._found(validate))
        if found is None:
            raise KeyboardInterrupt
        return found

    def _found(self, validate: Callable[[], DevScores]) -> DevScores | None:
        """Scores on dev; None if it was interrupted, which all processes have to hear."""
        try:
            with self.interruption.let_through():
                return validate()
        except KeyboardInterrupt:
            return None

    def keep_best(self, found: DevScores, progress: TrainingProgress) -> dict[str, Json]:
        """Keep the best weights; strictly greater wins, as in the reference. What the log says of it."""
        score = found.mean
        progress.developed = progress.step
        if progress.best is None or score > progress.best:
            progress.best, progress.best_step, progress.waited = score, progress.step, 0
            progress.best_sha256 = self.processes.by_main(lambda: self.states.save_best(self.learner.trained, progress))
        else:
            progress.waited += 1
        best = {"best": progress.best, "best_step": progress.best_step}
        return {"step": progress.step, "dev": score, "parts": dict(found.parts), **best}


def in_words(found: DevScores, progress: TrainingProgress) -> str:
    """A line about an evaluation on dev."""
    parts = "".join(f", {name} {part:.2f}" for name, part in found.parts.items()) if len(found.parts) > 1 else ""
    best = f"(best {progress.best:.2f} at step {progress.best_step}{parts})"
    return f"step {progress.step}: dev {found.measure} {found.mean:.2f} {best}"
