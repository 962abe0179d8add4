"""What the training loop is told, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from xharness.train.loop.trackers import Trackers
from xharness.train.loop.validation import DevScores


@dataclass(frozen=True)
class TrainingSettings:
    """How to train, as far as it changes no result but rounding.

    Attributes:
        batch_tokens: Tokens that are computed in a micro-batch, at most.
        save_every: Optimizer steps between saved states.
        keep: Saved states that are kept.
        task_weights: Factor on the loss of a task; 1 where not named.
        gradient_checkpointing: Compute activations twice instead of keeping them.
        compile: Use torch.compile for the encoder.
        fsdp: Leave each process a part of every weight only.
        trackers: Who gets the numbers of the log as well.
        dynamics: Keep the logits of every training example.
    """

    batch_tokens: int
    save_every: int = 500
    keep: int = 1
    task_weights: Mapping[str, float] = field(default_factory=dict)
    gradient_checkpointing: bool = False
    compile: bool = False
    fsdp: bool = False
    trackers: Trackers | None = None
    dynamics: bool = False


@dataclass(frozen=True)
class StepReport:
    """What an optimizer step came to, over all processes.

    Attributes:
        step: Its number, from 1.
        loss: Of the whole step.
        tokens: Padding not counted.
        computed: Tokens with padding, where that is computed.
        seconds: That it took.
    """

    step: int
    loss: float
    learning_rate: float
    tokens: int
    computed: int
    seconds: float

    @property
    def speed(self) -> float:
        """Tokens a second, padding not counted."""
        return self.tokens / max(self.seconds, 1e-9)


@dataclass(frozen=True)
class TrainerCallbacks:
    """What the loop tells and asks.

    Attributes:
        validate: Evaluates on dev; None if there is no dev set.
        progress: Told a line of words and the fraction of steps done.
        note: Told facts worth a line.
        step: Told of every optimizer step.
    """

    validate: Callable[[], DevScores] | None = None
    progress: Callable[[str, float], None] = lambda _what, _fraction: None
    note: Callable[[str], None] = lambda _text: None
    step: Callable[[StepReport], None] = lambda _report: None
