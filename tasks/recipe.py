"""A fine-tuning recipe: its numbers, their bounds, and the schedule that follows from them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import NoneType
from typing import Any, Literal, TypeAlias, get_args, get_type_hints

from xharness.tasks.common.errors import UserError, suggestion

RecipeValue: TypeAlias = "int | float | str | None"

LARGE = 24  # blocks from which on the reference calls a model large
SCHEDULES = ("linear", "constant")
SELECTS = ("dev", "last")
POOLINGS = ("pooler", "cls", "mean")

# Lowest and highest value of each number, by its name in files.
BOUNDS: dict[str, tuple[float, float]] = {
    "learning_rate": (0, math.inf),
    "epochs": (1e-6, math.inf),
    "steps": (1, math.inf),
    "batch_size": (1, math.inf),
    "reference_micro_batch": (1, math.inf),
    "max_length": (8, math.inf),
    "warmup_steps": (0, math.inf),
    "warmup_ratio": (0, 1),
    "weight_decay": (0, math.inf),
    "adam_beta1": (0, 1 - 1e-12),
    "adam_beta2": (0, 1 - 1e-12),
    "adam_epsilon": (0, math.inf),
    "max_grad_norm": (1e-9, math.inf),
    "seed": (0, 2**32 - 1),
    "eval_every": (0, math.inf),
    "patience": (0, math.inf),
    "dev_examples": (1, math.inf),
    "doc_stride": (1, math.inf),
    "max_question_length": (1, math.inf),
    "dropout": (0, 1),
    "attention_dropout": (0, 1),
    "mlm_probability": (1e-3, 1),
    "negatives": (2, math.inf),
    "similarity_scale": (1e-9, math.inf),
    "adversarial_epsilon": (0, math.inf),
    "adversarial_steps": (0, 100),
    "adversarial_step_size": (1e-12, math.inf),
}


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which step of a training is kept.

    Attributes:
        on: ``dev`` for the best on English dev, ``last`` for the last step.
        every: Optimizer steps between evaluations on dev; 0 means once an epoch.
        examples: Size of the fixed part of dev; None means all of it.
        patience: Evaluations without improvement before stopping; 0 means never.
    """

    on: Literal["dev", "last"] = "dev"
    every: int = 0
    examples: int | None = None
    patience: int = 0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All numbers of one phase of fine-tuning, in the units of the papers.

    A task declares the one that was published (spec: google-research/xtreme ``scripts/train_*.sh``).

    Attributes:
        name: For people: whose numbers they are, and which were changed.
        steps: Optimizer steps; None means ``epochs``.
        batch_size: Examples (for questions about long texts: windows) an optimizer step.
        reference_micro_batch: How many of them the reference takes at a time. An incomplete last one counts as a whole
            one in the number of steps an epoch, and in nothing else; 1 counts full batches only.
        max_length: Longest input in word pieces.
        warmup_steps: Optimizer steps; 0 means ``warmup_ratio`` of all steps.
        doc_stride: Word pieces from one window of a long text to the next.
        dropout: Of hidden states and embeddings; None means as the checkpoint has it. ``attention_dropout`` likewise.
        mlm_probability: Share of word pieces to predict, for masked language modelling.
        negatives: Pairs of a group of a dual encoder, each of which has the others' documents as negatives;
            ``pooling`` (pooler, cls or mean) and ``similarity_scale``, where it starts, are of dual encoders as well.
            None where none is trained.
        adversarial_epsilon: Radius of the perturbation of each word embedding; 0 trains on the words as they are. See
            :mod:`xharness.train.adversarial`, ``adversarial_steps`` and ``adversarial_step_size`` likewise.
        adversarial_step_size: None means epsilon.
        learning_rate_large: That of 24-layer models, where the reference distinguishes them; the other fields that
            end in ``_large`` likewise.
        after: The task that the reference trains on before; this one starts from that checkpoint, head included.

    Raises:
        UserError: a value that no training can have.
    """

    name: str = field(default="", compare=False)
    learning_rate: float
    epochs: float
    batch_size: int
    max_length: int
    reference_micro_batch: int = 1
    steps: int | None = None
    warmup_steps: int = 0
    warmup_ratio: float = 0.0
    weight_decay: float = 0.0
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_epsilon: float = 1e-8
    max_grad_norm: float = 1.0
    schedule: str = "linear"
    seed: int = 42
    selection: Selection = Selection()
    doc_stride: int = 128
    max_question_length: int = 64
    dropout: float | None = None
    attention_dropout: float | None = None
    mlm_probability: float = 0.15
    negatives: int | None = None
    pooling: str | None = None
    similarity_scale: float | None = None
    adversarial_epsilon: float = 0.0
    adversarial_steps: int = 1
    adversarial_step_size: float | None = None
    learning_rate_large: float | None = None
    reference_micro_batch_large: int | None = None
    batch_size_large: int | None = None
    negatives_large: int | None = None
    after: str = ""

    def __post_init__(self) -> None:
        values = self.record()
        for name, (lowest, highest) in BOUNDS.items():
            value = values.get(name)
            fits = isinstance(value, int | float) and math.isfinite(value) and lowest <= value <= highest
            if value is not None and not fits:
                wanted = f"at least {lowest:g}" + (f" and at most {highest:g}" if highest < math.inf else "")
                raise UserError(f"{name} is {value}", "no training can have that", f"give a number {wanted}")
        for name, known in (("schedule", SCHEDULES), ("select", SELECTS), ("pooling", POOLINGS)):
            if values.get(name) is not None and values[name] not in known:
                why = f"{name} knows {' and '.join(known)}"
                raise UserError(f"unknown {name} '{values[name]}'", why, suggestion(str(values[name]), known))
        self._check_adversary()

    def _check_adversary(self) -> None:
        """Refuse numbers of adversarial training that would be ignored."""
        if not self.adversarial_epsilon and (self.adversarial_steps != 1 or self.adversarial_step_size is not None):
            raise UserError(
                "adversarial training without a radius",
                "adversarial_epsilon is 0, so that nothing is perturbed and steps or step size would be ignored",
                "set adversarial_epsilon too, for example to 0.1",
            )
        if not self.adversarial_steps and self.adversarial_step_size is not None:
            why = "with 0 steps the perturbation is random, and nothing moves"
            raise UserError(
                "a step size without steps", why, "leave adversarial_step_size out, or set adversarial_steps"
            )

    def record(self) -> dict[str, RecipeValue]:
        """What training follows, by the names that files and ``--set`` have, for storing as JSON."""
        values = {name: value for name, value in asdict(self).items() if name not in ("selection", *DECLARED)}
        values = {name: value for name, value in values.items() if name not in OF_PAIRS or value is not None}
        return {**values, **{name: getattr(self.selection, own) for name, own in SELECTION.items()}}

    def changed(self, changes: Mapping[str, RecipeValue]) -> Recipe:
        """The recipe with other values, by the names that files and ``--set`` have."""
        chosen: dict[str, Any] = {SELECTION[name]: value for name, value in changes.items() if name in SELECTION}
        own: dict[str, Any] = {name: value for name, value in changes.items() if name not in SELECTION}
        return replace(self, **own, selection=replace(self.selection, **chosen))

    def of_size(self, blocks: int) -> Recipe:
        """The recipe of a model of so many blocks."""
        own: dict[str, Any] = {f"{name}_large": None for name in BY_SIZE}
        if blocks >= LARGE:
            own |= {name: said for name in BY_SIZE if (said := getattr(self, f"{name}_large")) is not None}
        return replace(self, **own)

    def steps_per_epoch(self, units: int) -> int:
        """Optimizer steps of one pass over ``units`` examples; there is always one.

        The reference divides its micro-batches, of which the last may be incomplete, by those of a step, and rounds
        down: 392,702 pairs make 12,272 steps of 4 x 8, but 12,271 of 16 x 2. jiant rounds up: 1 x 32.
        """
        micro = min(self.reference_micro_batch, self.batch_size)
        return max(1, math.ceil(units / micro) * micro // self.batch_size)

    def total_steps(self, units: int) -> int:
        """Optimizer steps of the whole phase: ``steps``, else whole steps an epoch times ``epochs``, at least one."""
        if self.steps is not None:
            return self.steps
        return max(1, math.floor(self.steps_per_epoch(units) * self.epochs + 1e-9))  # 100 * 0.29 is below 29

    def checked_every(self, units: int) -> int:
        """Optimizer steps between two checks on dev; an epoch's where the recipe does not say."""
        return self.selection.every or max(1, units // self.batch_size)

    def dev_checks(self, units: int, total: int) -> int:
        """How often ``total`` steps are checked on dev, if none ends early; the last step is in any case."""
        return math.ceil(total / self.checked_every(units)) if self.selection.on == "dev" else 0

    def warmup(self, total: int) -> int:
        """Steps of warm-up; a share of all steps is rounded up, as transformers does."""
        return self.warmup_steps or math.ceil(total * self.warmup_ratio)

    def learning_rate_at(self, step: int, total: int) -> float:
        """The learning rate of optimizer step ``step``, counted from 0.

        As in ``transformers.get_linear_schedule_with_warmup``: with warm-up of w steps the rate of step s is s / w of
        the full one, so the first update has rate 0 and the full rate comes with step w; then it falls linearly and
        would reach 0 at step ``total``, which is never taken. ``constant`` stays at the full rate after warm-up.
        """
        warmup = self.warmup(total)
        if step < warmup:
            return self.learning_rate * (step / warmup)
        if self.schedule == "constant":
            return self.learning_rate
        return self.learning_rate * max(0.0, (total - step) / max(1, total - warmup))

    def warnings(self, total: int) -> list[str]:
        """What is odd about this recipe for a training of ``total`` steps, one line each."""
        warmup = self.warmup(total)
        if warmup < total:
            return []
        highest = self.learning_rate_at(total - 1, total)
        return [
            f"warm-up takes {warmup} steps and training {total}: the learning rate only rises, to {highest:.3g} of "
            f"{self.learning_rate:.3g} (set warmup_steps or warmup_ratio to change it)"
        ]


SELECTION = {"select": "on", "eval_every": "every", "patience": "patience", "dev_examples": "examples"}
"""Names that files and ``--set`` have for the fields of a recipe's selection."""

OF_PAIRS = ("negatives", "pooling", "similarity_scale")
"""Fields that are recorded only where a dual encoder is trained."""

BY_SIZE = ("learning_rate", "reference_micro_batch", "batch_size", "negatives")
"""Fields that may differ for large models."""

DECLARED = (*(f"{name}_large" for name in BY_SIZE), "after")
"""Fields that only a task declares: they decide the others, or the phase before."""

TYPES: dict[str, tuple[type, ...]] = {
    **{
        name: get_args(hint) or (hint,)
        for name, hint in get_type_hints(Recipe).items()
        if name not in ("selection", *DECLARED)
    },
    "select": (str,),
    "eval_every": (int,),
    "patience": (int,),
    "dev_examples": (int, NoneType),
}
"""What each field that a user may set takes."""

OTHER_NAMES = {
    "lr": "learning_rate", "bs": "batch_size", "per_device_train_batch_size": "batch_size", "wd": "weight_decay",
    "num_train_epochs": "epochs", "epoch": "epochs", "num_epochs": "epochs", "max_steps": "steps",
    "warmup": "warmup_ratio", "max_seq_length": "max_length", "gradient_clipping": "max_grad_norm",
    "lr_scheduler_type": "schedule", "eval_steps": "eval_every",
}  # fmt: skip
"""What other programs call fields: a user who writes one is told ours."""


def field_named(name: str) -> str:
    """Our name of a field; a name that is not known as it is."""
    return OTHER_NAMES.get(name, name)
