"""One phase, checked and encoded before anything is trained: its specification, data, instances and steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.compute.loading import Loaded
from xharness.tasks.common.json_types import Json
from xharness.tasks.recipe import Recipe
from xharness.train.data import TrainingData
from xharness.train.mixture import Mixture
from xharness.train.mixture_options import MixtureOptions, probabilities, with_text
from xharness.train.objectives import Objective
from xharness.train.options import MLM, FinetuneOptions
from xharness.train.recipes import own_inputs
from xharness.train.specification import PhaseSpecification

RULE = "schedule, seed and selection are those of the first task; lengths of inputs are each task's own"


@dataclass(frozen=True)
class Phase:
    """A checked phase, before anything is trained.

    Attributes:
        recipes: By task, with the last step kept where there is nothing to choose by.
        total: Optimizer steps.
        notes: What a user should know about how it came together.
    """

    specification: PhaseSpecification
    recipes: Mapping[str, Recipe]
    data: Mapping[str, TrainingData]
    objectives: Mapping[str, Objective]
    loaded: Loaded
    total: int
    notes: Sequence[str] = ()

    @property
    def options(self) -> FinetuneOptions:
        """What the user asked for."""
        return self.specification.options

    @property
    def parent(self) -> Checkpoint:
        """The checkpoint that training starts from."""
        return self.specification.parent

    @property
    def members(self) -> dict[str, str]:
        """As :attr:`xharness.train.specification.PhaseSpecification.members`."""
        return self.specification.members

    @property
    def recipe(self) -> Recipe:
        """Of the whole phase: the first task's."""
        return next(iter(self.recipes.values()))

    @property
    def sizes(self) -> dict[str, int]:
        """Instances by task."""
        return {name: len(made.instances) for name, made in self.objectives.items()}

    @property
    def mixture(self) -> MixtureOptions:
        """As the user wants it; text takes its share of the steps, its languages by their exponent."""
        ratio, alpha = self.options.share_of_text
        return with_text(self.options.mixture, self.sizes, self.specification.text, ratio, alpha)

    def drawn(self) -> Mixture:
        """The examples of every step."""
        return Mixture(
            self.sizes,
            self.mixture,
            batch_size=self.recipe.batch_size,
            steps=self.total,
            seed=self.recipe.seed,
            lengths={name: [instance.length for instance in made.instances] for name, made in self.objectives.items()},
        )

    @property
    def chosen_on(self) -> list[str]:
        """Languages whose dev sets choose the step, English first; empty if the last step is kept."""
        if self.recipe.selection.on != "dev":
            return []
        return sorted({language for data in self.data.values() for language in data.dev}, key=lambda x: (x != "en", x))

    @property
    def seen(self) -> list[str]:
        """What of other languages than English training and choosing see, in words: why it is not zero-shot."""
        names = "+".join(self.members)
        found = (
            [f"{names} was trained on translations into {', '.join(t)}"]
            if (t := sorted(self.options.translations))
            else []
        )
        if others := [language for language in self.chosen_on if language != "en"]:
            found.append(f"{names} was chosen on dev in {', '.join(others)}")
        return found

    def warnings(self) -> list[str]:
        """What a user should know before it starts."""
        notes = [f"{name}: {note}" for name, data in self.data.items() for note in data.notes]
        without = [name for name, member in self.members.items() if not self.data[member].dev]
        if self.recipe.selection.on == "dev" and without:
            notes.append(f"no dev set, so without a say in which step is kept: {', '.join(without)}")
        if self.specification.by_micro_batch:
            kept = "--batch-tokens and the number of processes stay as they are until it is finished"
            notes.append(f"dropout is drawn by micro-batch, because {self.specification.by_micro_batch}: {kept}")
        notes += [f"not zero-shot: {reason}" for reason in self.seen]
        return [*self.recipe.warnings(self.total), *self.notes, *notes]

    def summary(self) -> dict[str, Json]:
        """What the phase amounts to, but for time and memory (:mod:`xharness.train.estimate`)."""
        lengths = [instance.length for made in self.objectives.values() for instance in made.instances]
        return {
            "steps": self.total,
            "examples": self._by_member({name: len(data.train) for name, data in self.data.items()}),
            "units": self._by_member(self.sizes),
            "longest": max(lengths),
            "select_on": {name: list(data.dev) for name, data in self.data.items() if data.dev and self.chosen_on},
            "recipe": self.recipe.record(),
            **({"mixture": self._mixed()} if len(self.members) > 1 else {}),
            "warnings": self.warnings(),
        }

    @property
    def shares(self) -> dict[str, float]:
        """How often each checkpoint's task is drawn; the sum is 1."""
        return self._by_member(probabilities(self.sizes, self.mixture))

    def _mixed(self) -> dict[str, Json]:
        """How tasks are mixed and by whose recipe, in short."""
        common = own_inputs(self.recipe)
        inputs = {
            name: own_inputs(self.recipes[member]).items() - common.items() for name, member in self.members.items()
        }
        return {
            "probabilities": {name: round(p, 6) for name, p in self.shares.items()},
            "rule": RULE,
            "recipe_of": next(iter(self.members)),
            "inputs_that_differ": {name: dict(sorted(fields)) for name, fields in inputs.items() if fields},
        }

    def _by_member(self, numbers: Mapping[str, Any]) -> dict[str, Any]:
        """Numbers by checkpoint that comes out; the languages of text add up."""
        found: dict[str, Any] = dict.fromkeys(self.members, 0)
        for name, number in numbers.items():
            found[MLM if name in self.specification.text else name] += number
        return found
