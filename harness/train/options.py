"""What a user can say about one phase of fine-tuning."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from harness import device
from harness.train.mixture import MixtureOptions
from tasks.errors import UserError, suggestion

EN_DEV, ALL_DEV = SELECTIONS = ("en-dev", "all-dev")
MLM = "mlm"
MLM_RATIO = 0.2
MLM_ALPHA = 0.3


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
        synonyms: A file of synonyms; words are drawn anew from them at every step.
        translations: Machine-translated copies of the training data by language, mixed in. The checkpoint is then
            marked as not zero-shot.
        task_weights: Factor on the loss of a task.
        mlm_ratio: Share of the steps that go to masked language modelling where it is one task of several; None is
            :data:`MLM_RATIO`.
        mlm_alpha: Exponent of language sampling in it: 1 by size, 0 all alike; None is :data:`MLM_ALPHA`.
        mlm_langs: Its languages; None means every file of text.
        select_on: ``en-dev``, or ``all-dev`` for dev of every language that the data hold. The checkpoint is then
            marked as not zero-shot.
        tensorboard: Write event files to ``out/tensorboard`` as well.
        save_every: Optimizer steps between saved states.
        keep: Saved states that are kept.
        fsdp: Of several processes each holds a part of every weight only.
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
    synonyms: Path | None = None
    mlm_ratio: float | None = None
    mlm_alpha: float | None = None
    mlm_langs: str | None = None
    select_on: str = EN_DEV
    tensorboard: bool = False
    device: str = "auto"
    precision: str = "auto"
    batch_tokens: int | None = None
    save_every: int = 500
    keep: int = 1
    gradient_checkpointing: bool = False
    compile: bool = False
    fsdp: bool = False
    allow_pickle: bool = False

    def check(self) -> None:
        """Refuse impossible values, and those that would be ignored. Imports no torch."""
        device.check_names(self.device, self.precision)
        if not self.tasks:
            raise UserError("no task to train on", "--task names none", "for example --task squad_v1")
        if self.select_on not in SELECTIONS:
            why = "steps are chosen on English dev, or on dev of all languages"
            raise UserError(f"unknown --select-on '{self.select_on}'", why, suggestion(self.select_on, SELECTIONS))
        self._check_numbers()
        self._check_text()
        if twice := [name for name in self.tasks if list(self.tasks).count(name) > 1]:
            raise UserError(f"{twice[0]} is named twice", "a mixture has every task once", "name it once")
        if self.translations and len(self.tasks) > 1:
            raise UserError(
                "translations for several tasks", "a file is of one task", "train on one task, or leave them out"
            )
        if (
            len(self.tasks) == 1
            and self.tasks[0] != MLM
            and self.mixture != MixtureOptions(grouped=self.mixture.grouped)
        ):
            raise UserError("a mixture of one task", "there is nothing to mix", "name several tasks, or leave it out")
        if self.tensorboard and find_spec("tensorboard") is None:
            raise UserError(
                "--tensorboard needs the package tensorboard",
                "it is not installed; only it can write event files",
                "pip install 'xharness[tensorboard]', or leave the option out: training.jsonl has the same numbers",
            )

    def _check_numbers(self) -> None:
        """Bounds."""
        for name, share in {"mlm-ratio": self.mlm_ratio, "mlm-alpha": self.mlm_alpha}.items():
            if share is not None and not 0 <= share <= 1:
                raise UserError(f"--{name} is {share}", "it is a share", "give a number from 0 to 1")
        for name, factor in self.task_weights.items():
            if not 0 < factor < math.inf:
                why = "a loss is multiplied by a number above 0"
                raise UserError(f"--loss-weight {name}={factor}", why, "leave the task out instead of giving it 0")
        least = {
            "batch-tokens": self.batch_tokens,
            "examples": self.examples,
            "save-every": self.save_every,
            "keep": self.keep,
        }
        for name, value in least.items():
            if value is not None and value < 1:
                raise UserError(f"--{name} is {value}", "it must be at least 1", "give 1 or more")

    def _check_text(self) -> None:
        """What text cannot follow, and what only text can."""
        labelled = {
            "examples": self.examples,
            "where": self.where,
            "select": self.select,
            "translations": self.translations,
            "synonyms": self.synonyms,
        }
        of_text = {"mlm-ratio": self.mlm_ratio, "mlm-alpha": self.mlm_alpha, "mlm-langs": self.mlm_langs}
        if MLM not in self.tasks and (given := [name for name, value in of_text.items() if value is not None]):
            raise UserError(f"--{given[0]} without mlm", "it is about text", "add --task mlm, or leave it out")
        if MLM in self.tasks and (given := [name for name, value in labelled.items() if value]):
            why = "text has no labelled examples to choose from or to vary"
            raise UserError(f"--{given[0]} with mlm", why, "choose its files by --mlm-langs")
        if list(self.tasks) == [MLM] and self.mlm_ratio is not None:
            raise UserError("--mlm-ratio with mlm alone", "all steps are its own", "add another task, or leave it out")
