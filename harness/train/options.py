"""What a user can say about one phase of fine-tuning."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from xharness.compute import device
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.outputs import check_folder
from xharness.tasks.registry import Registry, open_registry
from xharness.tasks.subsets import DATA_SEED
from xharness.train.lora_options import LoraOptions
from xharness.train.mixture_options import MixtureOptions

EN_DEV, ALL_DEV = SELECTIONS = ("en-dev", "all-dev")
MLM = "mlm"
MLM_RATIO = 0.2
MLM_ALPHA = 0.3
# Trackers by accelerate's names, which are those of their modules, and what to install for each.
TRACKERS = {
    "aim": "aim",
    "clearml": "clearml",
    "comet_ml": "comet-ml",
    "dvclive": "dvclive",
    "mlflow": "mlflow",
    "swanlab": "swanlab",
    "tensorboard": "xharness[tensorboard]",
    "trackio": "trackio",
    "wandb": "wandb",
}


@dataclass(frozen=True, kw_only=True)
class FinetuneOptions:
    """Everything that ``xharness finetune`` takes.

    Attributes:
        model: The checkpoint to start from: pretrained, or of an earlier phase.
        tasks: Names of the tasks to train on; several make a mixture under one encoder.
        data: Folder with the English training data.
        out: Where the checkpoint goes; several tasks make a suite in it.
        recipe: ``reference`` or ``jiant``; ``overrides`` (a TOML file) and ``sets`` (key=value) change it.
        seed: Of the training: heads, order of examples, dropout, masking. None is the recipe's own.
        negatives: Pairs of a group of a dual encoder; None is the recipe's own number.
        data_seed: Which examples ``examples`` and the recipe's dev subset take; the same for every task and every
            ``seed``, so that seeds of one training differ in nothing else.
        examples: Train on this many examples of each task only: nested, stratified, drawn by ``data_seed``.
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
        tasks_from: Python or TOML file that declares tasks of the user's own.
        lora: ``r=16`` or ``r=16,alpha=32``: learn by low-rank matrices beside the encoder's weights. The checkpoint is
            the merged model, with peft's files of what was learned in ``adapter/``.
        dynamics: Write ``dynamics.npz`` beside the weights, the logits of every training example in every pass. It
            changes no weight, and is no part of what makes the phase the phase that it is.
        track: Trackers that get the numbers of ``training.jsonl`` as well, by accelerate's names: ``wandb``,
            ``trackio``, ``tensorboard`` (in ``out/tensorboard``) and others.
        tensorboard: The same as ``track=("tensorboard",)``.
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
    mixture: MixtureOptions = MixtureOptions()  # noqa: RUF009  # frozen
    seed: int | None = None
    negatives: int | None = None
    data_seed: int = DATA_SEED
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
    tasks_from: Path | None = None
    lora: str | None = None
    dynamics: bool = False
    track: Sequence[str] = ()
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
        check_folder(self.out)
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
        self.check_trackers()
        self._check_lora()

    @property
    def low_rank(self) -> LoraOptions | None:
        """``lora`` as a value. Raises UserError if it cannot be read."""
        return None if self.lora is None else LoraOptions.parse(self.lora)

    def _check_lora(self) -> None:
        """Refuse low-rank adaptation where it cannot be read, is not installed, or cannot be shared out."""
        if self.low_rank is None:
            return
        if find_spec("peft") is None:
            fix = "pip install 'xharness[peft]', or leave the option out"
            raise UserError("--lora needs the package peft", "it is not installed", fix)
        if self.fsdp:
            why = "a weight that does not learn is not shared out"
            raise UserError("--lora with --fsdp", why, "leave one of them out; --gradient-checkpointing saves more")

    @property
    def trackers(self) -> list[str]:
        """Names of trackers, those that other options stand for included."""
        return list(dict.fromkeys([*self.track, *(["tensorboard"] if self.tensorboard else [])]))

    def check_trackers(self) -> None:
        """Refuse trackers that are not known or not installed."""
        for name in self.trackers:
            if name not in TRACKERS:
                raise UserError(
                    f"unknown tracker '{name}'", "accelerate has none of that name", suggestion(name, TRACKERS)
                )
            if find_spec(name) is None:
                option = "--tensorboard" if name not in self.track else f"--track {name}"
                package = TRACKERS[name]
                raise UserError(
                    f"{option} needs the package {package.partition('[')[2].rstrip(']') or package}",
                    "it is not installed",
                    f"pip install '{package}', or leave the option out: training.jsonl has the same numbers",
                )

    @property
    def registry(self) -> Registry:
        """The tasks that are known: those of this installation, and the user's own."""
        return open_registry(self.tasks_from)

    @property
    def share_of_text(self) -> tuple[float, float]:
        """``mlm_ratio`` and ``mlm_alpha``, or what they are by default."""
        ratio = MLM_RATIO if self.mlm_ratio is None else self.mlm_ratio
        return ratio, MLM_ALPHA if self.mlm_alpha is None else self.mlm_alpha

    @property
    def changes(self) -> list[str]:
        """What changes the recipe after its file: ``sets``, and what has an option of its own where that is given.

        Raises:
            UserError: two seeds, or two numbers of negatives.
        """
        given = {name: value for name in ("seed", "negatives") if (value := getattr(self, name)) is not None}
        set_ = {change.partition("=")[0].strip() for change in self.sets}
        if twice := [name for name in given if name in set_]:
            (name, *_) = twice
            raise UserError(f"--{name} and --set {name}=", "both say the same thing", "leave one of them out")
        return [*self.sets, *(f"{name}={value}" for name, value in given.items())]

    def _check_numbers(self) -> None:
        """Bounds."""
        for name, share in {"mlm-ratio": self.mlm_ratio, "mlm-alpha": self.mlm_alpha}.items():
            if share is not None and not 0 <= share <= 1:
                raise UserError(f"--{name} is {share}", "it is a share", "give a number from 0 to 1")
        for name, factor in self.task_weights.items():
            if not 0 < factor < math.inf:
                why = "a loss is multiplied by a number above 0"
                raise UserError(f"--loss-weight {name}={factor}", why, "leave the task out instead of giving it 0")
        for name, seed in {"seed": self.seed, "data-seed": self.data_seed}.items():
            if seed is not None and not 0 <= seed < 2**32:
                raise UserError(f"--{name} is {seed}", "a seed has 32 bits", "give a number from 0 to 4294967295")
        least = {
            "batch-tokens": (self.batch_tokens, 1),
            "examples": (self.examples, 1),
            "save-every": (self.save_every, 1),
            "keep": (self.keep, 1),
            "negatives": (self.negatives, 2),  # a pair and another one
        }
        for name, (value, lowest) in least.items():
            if value is not None and value < lowest:
                raise UserError(f"--{name} is {value}", f"it must be at least {lowest}", f"give {lowest} or more")

    def _check_text(self) -> None:
        """What text cannot follow, and what only text can."""
        labelled = {
            "examples": self.examples if list(self.tasks) == [MLM] else None,  # else it is about the others
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
