"""Made-up training examples of four task types, and a trainer of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from tests.conftest import Tiny
from xharness.checkpoints.checkpoint import inspect
from xharness.compute.device import Device
from xharness.compute.loading import encoder_class, load_tokenizer, without_model
from xharness.tasks import udpos, xcopa, xnli
from xharness.tasks.intermediate import squad_v1
from xharness.tasks.recipe import Recipe
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.tasks.types.tagging import TaggedSentence
from xharness.tasks.types.text_classification import SentencePair
from xharness.train.loop.settings import TrainerCallbacks, TrainingSettings
from xharness.train.loop.trainer import Trainer
from xharness.train.mixture import Mixture
from xharness.train.mixture_options import MixtureOptions
from xharness.train.model import SharedModel, build
from xharness.train.objectives import Objective, objective_class
from xharness.train.recipes import resolve as resolve_recipe

SYLLABLES = ("ba", "ko", "lu", "gi", "ne", "tus", "dar", "mi")


def words(seed: int, count: int) -> str:
    return " ".join(SYLLABLES[(seed * 7 + place * place + 3 * place) % len(SYLLABLES)] for place in range(count))


def examples(kind: str) -> tuple[Any, list[Any]]:
    """A task and 64 made-up training examples of uneven length."""
    numbers = range(64)
    if kind == "sequence":
        labels = xnli.TASK.labels
        return xnli.TASK, [
            SentencePair(str(n), words(n, 3 + n % 17), words(n + 1, 2 + n % 5), labels[n % 3]) for n in numbers
        ]
    if kind == "token":
        tags = udpos.UPOS
        sentences = [tuple(words(n, 2 + n % 19).split()) for n in numbers]
        return udpos.TASK, [
            TaggedSentence(str(n), s, tuple(tags[(n + place) % 5] for place in range(len(s))))
            for n, s in enumerate(sentences)
        ]
    if kind == "qa":
        contexts = [words(n, 10 + n % 40) for n in numbers]
        return squad_v1.TASK, [
            SpanQuestion(str(n), words(n, 4), c, ((c.split()[-1], len(c) - len(c.split()[-1])),))
            for n, c in enumerate(contexts)
        ]
    return xcopa.TASK, [
        ChoiceQuestion(str(n), words(n, 5), words(n, 2), tuple(words(n + c, 2 + c) for c in range(2 + n % 2)), n % 2)
        for n in numbers
    ]


KINDS = ("sequence", "token", "qa", "choice")


class Setting:
    """Everything that a trainer needs, built alike every time."""

    def __init__(
        self, tiny: Tiny, kinds: tuple[str, ...], folder: Path, architecture: str = "bert", **changes: Any
    ) -> None:
        self.parent = inspect(tiny(architecture, "encoder"))
        self.loaded = without_model(
            self.parent, load_tokenizer(self.parent), encoder_class(self.parent), Device("cpu", "fp32")
        )
        self.folder = folder
        self.objectives: dict[str, Objective] = {}
        for kind in kinds:
            task, made = examples(kind)
            lengths: dict[str, Any] = {"max_length": 48, "doc_stride": 16} if kind == "qa" else {"max_length": 128}
            inputs = replace(resolve_recipe(task, blocks=2), **lengths)
            self.objectives[task.name] = objective_class(task).build(task.name, task, made, self.loaded, inputs)
        first = next(iter(self.objectives.values())).task
        recipe = resolve_recipe(first, blocks=2)
        base: dict[str, Any] = {"learning_rate": 1e-3, "batch_size": 32, "steps": 12, "dropout": 0.0}
        base |= {"attention_dropout": 0.0, "warmup_steps": 2, "select": "last"}
        self.recipe: Recipe = recipe.changed(base | changes)

    def trainer(self, batch_tokens: int = 512, save_every: int = 500, **settings: Any) -> Trainer:
        model = build(self.parent, self.objectives, self.recipe, self.loaded.pad_id).model
        total = self.recipe.total_steps(1)
        mixture = Mixture(
            {name: len(made.instances) for name, made in self.objectives.items()},
            MixtureOptions(strategy="uniform", homogeneous=False),
            batch_size=self.recipe.batch_size,
            steps=total,
            seed=self.recipe.seed,
        )
        chosen = TrainingSettings(batch_tokens=batch_tokens, save_every=save_every, **settings)
        return Trainer(model, self.loaded, mixture, self.recipe, total, chosen, self.folder)


def losses(trainer: Trainer, steps: int, note: Callable[[str], None] = lambda _text: None) -> list[float]:
    """Loss of every step."""
    found: list[float] = []
    trainer.run(TrainerCallbacks(note=note, step=lambda report: found.append(report.loss)))
    assert len(found) == steps
    return found


def weights(model: SharedModel) -> Mapping[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
