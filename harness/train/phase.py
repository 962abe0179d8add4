"""One phase, checked and encoded before anything is trained: its specification, data, instances and steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xharness.checkpoints.checkpoint import Checkpoint, Head, check_head
from xharness.checkpoints.offline import offline
from xharness.compute.loading import Loaded, encoder_class, load_tokenizer, without_model
from xharness.evaluation.answer import answerer_of, can_be_answered
from xharness.predict.room import Remedies, room_for_text
from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import Recipe
from xharness.train.data import TrainingData, objective, read, read_text
from xharness.train.mixture import Mixture, MixtureOptions, with_text
from xharness.train.mixture import describe as describe_mixture
from xharness.train.objectives import Objective, objective_class
from xharness.train.options import ALL_DEV, MLM, FinetuneOptions
from xharness.train.recipes import own_inputs
from xharness.train.specification import PhaseSpecification
from xharness.train.specify import specify

RULE = "schedule, seed and selection are those of the first task; lengths of inputs are each task's own"

REMEDIES = Remedies("raise it: --set max_length=N", "cut questions: --set max_question_length=N")


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

    def summary(self) -> dict[str, Any]:
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

    def _mixed(self) -> dict[str, Any]:
        """How tasks are mixed and by whose recipe, in short."""
        full = describe_mixture(self.sizes, self.mixture)
        common = own_inputs(self.recipe)
        inputs = {
            name: own_inputs(self.recipes[member]).items() - common.items() for name, member in self.members.items()
        }
        return {
            "probabilities": {name: round(p, 6) for name, p in self._by_member(full["probabilities"]).items()},
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


@offline()
def prepare(options: FinetuneOptions) -> Phase:
    """Check a phase and encode its data. Loads no weights.

    Raises:
        UserError: the first thing that is wrong.
    """
    return encode(specify(options))


@offline()
def encode(specification: PhaseSpecification) -> Phase:
    """The phase of a specification, with its data read and encoded. Loads no weights.

    Raises:
        UserError: the first thing that is wrong.
    """
    options, parent = specification.options, specification.parent
    data = _data(specification)
    recipes = _selection(specification.recipes, data, options)
    loaded = without_model(parent, load_tokenizer(parent), encoder_class(parent), specification.device)
    for name, entry in data.items():
        _check_room(loaded, entry, recipes[name])
    objectives = {
        name: objective(name, entry, loaded, recipes[name], specification.synonyms) for name, entry in data.items()
    }
    for made in objectives.values():
        if made.head is not Head.MASKED:  # building it says what is missing
            check_head(parent, made.head)
    total = next(iter(recipes.values())).total_steps(sum(len(made.instances) for made in objectives.values()))
    phase = Phase(specification, recipes, data, objectives, loaded, total, specification.notes)
    return replace(phase, notes=[*phase.notes, *_rarely_drawn(phase)]) if len(phase.members) > 1 else phase


def _data(specification: PhaseSpecification) -> dict[str, TrainingData]:
    """The examples of every member, in their order."""
    options, recipes = specification.options, specification.recipes
    text = read_text(options) if specification.text else {}
    return {
        name: text[name] if name in text else read(name, options, recipes[name], specification.tasks[name])
        for name in specification.files
    }


def _check_room(loaded: Loaded, data: TrainingData, recipe: Recipe) -> None:
    """Refuse lengths that leave no room for the text of a task, in training or on dev."""
    examples = [*data.train, *(example for dev in data.dev.values() for example in dev.examples)]
    task = data.task
    if can_be_answered(task):
        settings = objective_class(task).answer_settings(task, recipe)
        answerer_of(task).check_room(loaded, task, examples, settings, recipe.max_length, REMEDIES)
    else:
        room_for_text(loaded, task.name, recipe.max_length, paired=False, remedies=REMEDIES)


def _rarely_drawn(phase: Phase) -> list[str]:
    """Tasks of a mixture that it may never draw, in words.

    Raises:
        UserError: one that it never draws: its head would be published as it was made up.
    """
    shares = phase._by_member(describe_mixture(phase.sizes, phase.mixture)["probabilities"])
    draws = phase.total * (1 if phase.mixture.homogeneous else phase.recipe.batch_size)
    for name, share in shares.items():
        if share == 0:
            raise UserError(
                f"the mixture never draws {name}", "its head would stay untrained", "leave it out, or give it a share"
            )
    return [
        f"{name} may never be drawn: {share * draws:.2g} of {draws} draws are its own"
        for name, share in shares.items()
        if share * draws < 3  # then it is left out at least one time in twenty
    ]


def _selection(
    recipes: Mapping[str, Recipe], data: Mapping[str, TrainingData], options: FinetuneOptions
) -> Mapping[str, Recipe]:
    """The recipes, with the last step kept where no task has a dev set.

    Raises:
        UserError: dev of all languages is wanted, but nothing is chosen, or there is English only.
    """
    languages = {language for entry in data.values() for language in entry.dev}
    select = next(iter(recipes.values())).selection.on
    if options.select_on == ALL_DEV and select == "last":
        why = "the recipe keeps the last step, so nothing is chosen on dev"
        raise UserError(f"--select-on {ALL_DEV} would be ignored", why, "leave it out, or pass --set select=dev")
    if options.select_on == ALL_DEV and not languages - {"en"}:
        found = "English only" if languages else "none"
        why = f"dev sets with labels of {', '.join(recipes)} in {options.data}: {found}"
        raise UserError(f"--select-on {ALL_DEV} has nothing to select on", why, "leave it out, or add dev sets")
    if select == "dev" and not languages:
        return {name: each.changed({"select": "last"}) for name, each in recipes.items()}
    return recipes
