"""What a user can say about one phase of fine-tuning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness import device
from harness.train.mixture import MixtureOptions
from tasks.errors import UserError


@dataclass(frozen=True, kw_only=True)
class FinetuneOptions:
    """Everything that ``xharness finetune`` takes.

    Attributes:
        model: The checkpoint to start from: pretrained, or of an earlier phase.
        tasks: Names of the tasks to train on; several make a mixture under one encoder.
        data: Folder with the English training data.
        out: Where the checkpoint goes; several tasks make a suite in it.
        recipe: ``reference`` or ``jiant``; ``overrides`` (a TOML file) and ``sets`` (key=value) change it.
        examples: Train on this many examples of each task only: nested, stratified, seeded.
        where: Train only on examples with this fact, such as ``round=R2``.
        select: A file of ids to train on.
        translations: Machine-translated copies of the training data by language, mixed in. The checkpoint is then
            marked as not zero-shot.
        task_weights: Factor on the loss of a task.
        mlm_ratio: Share of the steps that go to masked language modelling where it is one task of several.
        mlm_alpha: Exponent of language sampling in it: 1 by size, 0 all alike.
        mlm_langs: Its languages; None means every file of text.
        save_every: Optimizer steps between saved states.
        keep: Saved states that are kept.
    """

    model: Path
    tasks: Sequence[str]
    data: Path
    out: Path
    recipe: str = "reference"
    overrides: Path | None = None
    sets: Sequence[str] = ()
    mixture: MixtureOptions = field(default_factory=MixtureOptions)
    examples: int | None = None
    where: str | None = None
    select: Path | None = None
    translations: Mapping[str, Path] = field(default_factory=dict)
    task_weights: Mapping[str, float] = field(default_factory=dict)
    mlm_ratio: float = 0.2
    mlm_alpha: float = 0.3
    mlm_langs: str | None = None
    device: str = "auto"
    precision: str = "auto"
    batch_tokens: int | None = None
    save_every: int = 500
    keep: int = 1
    gradient_checkpointing: bool = False
    compile: bool = False
    allow_pickle: bool = False

    def check(self) -> None:
        """Refuse impossible values. Imports no torch."""
        device.check_names(self.device, self.precision)
        if not self.tasks:
            raise UserError("no task to train on", "--task names none", "for example --task squad_v1")
        least = {
            "batch-tokens": self.batch_tokens,
            "examples": self.examples,
            "save-every": self.save_every,
            "keep": self.keep,
        }
        if self.translations and len(self.tasks) > 1:
            raise UserError(
                "translations for several tasks", "a file is of one task", "train on one task, or leave them out"
            )
        subset = {
            "examples": self.examples,
            "where": self.where,
            "select": self.select,
            "translations": self.translations,
        }
        if "mlm" in self.tasks and (given := [name for name, value in subset.items() if value]):
            raise UserError(
                f"--{given[0]} with mlm",
                "text has no labelled examples to choose from",
                "choose its files by --mlm-langs",
            )
        for name, share in {"mlm-ratio": self.mlm_ratio, "mlm-alpha": self.mlm_alpha}.items():
            if not 0 <= share <= 1:
                raise UserError(f"--{name} is {share}", "it is a share", "give a number from 0 to 1")
        for name, value in least.items():
            if value is not None and value < 1:
                raise UserError(f"--{name} is {value}", "it must be at least 1", "give 1 or more")
