"""One phase, checked and encoded before anything is trained: its recipes, data, units and identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from harness.checkpoint import Checkpoint, Head, check_architecture, check_head, find
from harness.device import resolve
from harness.loading import Loaded, encoder_class, load_tokenizer, without_model
from harness.train.data import TrainingData, objective, read, read_text
from harness.train.mixture import Mixture, MixtureOptions, language_probabilities, probabilities
from harness.train.mixture import describe as describe_mixture
from harness.train.objectives import Objective
from harness.train.options import ALL_DEV, MLM_ALPHA, MLM_RATIO, FinetuneOptions
from harness.train.recipes import OF_TASK, TrainRecipe, as_one_phase, check_tables, describe, yielded
from harness.train.recipes import resolve as resolve_recipe
from harness.train.synonyms import Synonyms, read_synonyms
from tasks.base import Kind, Task
from tasks.errors import UserError, suggestion
from tasks.intermediate import mlm, trainable
from tasks.registry import BUILT_IN

RULE = "schedule, seed and selection are those of the first task; lengths of inputs are each task's own"

BATCH_TOKENS = {"cpu": 2048}  # more than for answering: a pass backward has more that costs by itself


@dataclass(frozen=True)
class Phase:
    """A checked phase, before anything is trained.

    Attributes:
        recipes: By task; they differ in :data:`harness.train.recipes.OF_TASK` only.
        total: Optimizer steps.
        notes: What a user should know about how the recipes came together.
    """

    options: FinetuneOptions
    parent: Checkpoint
    recipes: Mapping[str, TrainRecipe]
    data: Mapping[str, TrainingData]
    objectives: Mapping[str, Objective]
    loaded: Loaded
    synonyms: Synonyms | None
    total: int
    notes: Sequence[str] = ()

    @property
    def recipe(self) -> TrainRecipe:
        """Of the whole phase: the first task's."""
        return next(iter(self.recipes.values()))

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What makes this phase the phase that it is; a resumed one must have the same."""
        options = self.options
        return {
            "parent": self.parent.fingerprint,
            "precision": self.loaded.device.precision,
            "recipe": {name: describe(recipe) for name, recipe in self.recipes.items()},
            "data": {name: data.sha for name, data in self.data.items()},
            "select_on": options.select_on,
            "dev": {name: {lang: dev.sha for lang, dev in data.dev.items()} for name, data in self.data.items()},
            "subset": {
                "examples": options.examples,
                "where": options.where,
                "translations": sorted(options.translations),
                "select": sorted(options.select.read_text(encoding="utf-8").split()) if options.select else None,
            },
            "synonyms": self.synonyms.sha if self.synonyms else None,
            "mixture": describe_mixture(self.sizes, self.mixture) if len(self.data) > 1 else None,
            "grouped": options.mixture.grouped,
            "task_weights": dict(options.task_weights),
        }

    @property
    def members(self) -> dict[str, str]:
        """Checkpoints that come out, by name, and the member whose head each holds; languages of text share one."""
        return {mlm.TASK.name if d.task.kind is Kind.MASKED else name: name for name, d in self.data.items()}

    @property
    def batch_tokens(self) -> int:
        """Tokens that are computed in a micro-batch, at most."""
        return self.options.batch_tokens or BATCH_TOKENS.get(self.loaded.device.name, self.loaded.device.batch_tokens)

    @property
    def sizes(self) -> dict[str, int]:
        """Units by task."""
        return {name: len(made.units) for name, made in self.objectives.items()}

    @property
    def mixture(self) -> MixtureOptions:
        """As the user wants it; text takes its share of the steps, its languages by their exponent."""
        options = self.options
        text = {name: size for name, size in self.sizes.items() if self.data[name].task.kind is Kind.MASKED}
        rest = {name: size for name, size in self.sizes.items() if name not in text}
        if not text:
            return options.mixture
        share = (MLM_RATIO if options.mlm_ratio is None else options.mlm_ratio) if rest else 1.0
        alpha = MLM_ALPHA if options.mlm_alpha is None else options.mlm_alpha
        weights = {name: share * p for name, p in language_probabilities(text, alpha).items()}
        if rest:
            weights |= {name: (1 - share) * p for name, p in probabilities(rest, options.mixture).items()}
        return replace(options.mixture, strategy="weights", weights=weights)

    def drawn(self) -> Mixture:
        """The examples of every step."""
        return Mixture(
            self.sizes,
            self.mixture,
            batch_size=self.recipe.batch_size,
            steps=self.total,
            seed=self.recipe.seed,
            lengths={name: [unit.length for unit in made.units] for name, made in self.objectives.items()},
        )

    @property
    def chosen_on(self) -> list[str]:
        """Languages whose dev sets choose the step, English first; empty if the last step is kept."""
        if self.recipe.select != "dev":
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
        if self.recipe.select == "dev" and without:
            notes.append(f"no dev set, so without a say in which step is kept: {', '.join(without)}")
        notes += [f"not zero-shot: {reason}" for reason in self.seen]
        return [*self.recipe.warnings(self.total), *self.notes, *notes]

    def summary(self) -> dict[str, Any]:
        """What the phase amounts to, but for time and memory (:mod:`harness.train.estimate`)."""
        lengths = [unit.length for made in self.objectives.values() for unit in made.units]
        return {
            "steps": self.total,
            "examples": self._by_member({name: len(data.train) for name, data in self.data.items()}),
            "units": self._by_member(self.sizes),
            "longest": max(lengths),
            "select_on": {name: list(data.dev) for name, data in self.data.items() if data.dev and self.chosen_on},
            "recipe": describe(self.recipe),
            **({"mixture": self._mixed()} if len(self.members) > 1 else {}),
            "warnings": self.warnings(),
        }

    def _mixed(self) -> dict[str, Any]:
        """How tasks are mixed and by whose recipe, in short."""
        full = describe_mixture(self.sizes, self.mixture)
        inputs = {}
        for name, member in self.members.items():
            own = self.recipes[member]
            inputs[name] = {f: getattr(own, f) for f in OF_TASK if getattr(own, f) != getattr(self.recipe, f)}
        return {
            "probabilities": {name: round(p, 6) for name, p in self._by_member(full["probabilities"]).items()},
            "rule": RULE,
            "recipe_of": next(iter(self.members)),
            "inputs_that_differ": {name: fields for name, fields in inputs.items() if fields},
        }

    def _by_member(self, numbers: Mapping[str, Any]) -> dict[str, Any]:
        """Numbers by checkpoint that comes out; the languages of text add up."""
        found: dict[str, Any] = dict.fromkeys(self.members, 0)
        for name, number in numbers.items():
            found[mlm.TASK.name if self.data[name].task.kind is Kind.MASKED else name] += number
        return found


def prepare(options: FinetuneOptions) -> Phase:
    """Check a phase and encode its data. Loads no weights.

    Raises:
        UserError: the first thing that is wrong.
    """
    options.check()
    wanted = {trainable(name).name: recipe_task(name) for name in options.tasks}
    _check_names(options, wanted)
    parent = _parent(options)
    recipes, notes = _recipes(options, wanted, parent.blocks)
    synonyms = read_synonyms(options.synonyms) if options.synonyms else None
    data: dict[str, TrainingData] = {}
    for name, answered in wanted.items():
        members = read_text(options) if name == mlm.TASK.name else {name: read(name, options, recipes[name], answered)}
        recipes |= dict.fromkeys(members, recipes[name])
        data |= members
    recipes = _selection({name: recipes[name] for name in data}, data, options)
    check_architecture(parent)
    device = resolve(options.device, options.precision)
    loaded = without_model(parent, load_tokenizer(parent), encoder_class(parent), device)
    objectives = {name: objective(name, entry, loaded, recipes[name], synonyms) for name, entry in data.items()}
    for made in objectives.values():
        if made.head is not Head.MASKED:  # building it says what is missing
            check_head(parent, made.head)
    total = next(iter(recipes.values())).total_steps(sum(len(made.units) for made in objectives.values()))
    phase = Phase(options, parent, recipes, data, objectives, loaded, synonyms, total, notes)
    return replace(phase, notes=[*notes, *_rarely_drawn(phase)]) if len(phase.members) > 1 else phase


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


def recipe_task(name: str) -> Task:
    """The task whose recipe a phase follows: XQuAD and MLQA train on SQuAD, with XTREME's recipe for them."""
    return next((task for task in BUILT_IN if task.name == name), None) or trainable(name)


def _check_names(options: FinetuneOptions, wanted: Mapping[str, Task]) -> None:
    """Refuse loss weights of tasks that are not there, and a task under two names.

    Raises:
        UserError: naming it.
    """
    if len(wanted) < len(set(options.tasks)):
        both = [
            name for name in options.tasks if [trainable(o).name for o in options.tasks].count(trainable(name).name) > 1
        ]
        raise UserError(
            f"{' and '.join(both)} train on the same data", "a mixture draws from different data", "name one of them"
        )
    for name in options.task_weights:
        if name not in wanted and not name.startswith(f"{mlm.TASK.name}-"):
            raise UserError(f"a loss weight for '{name}'", "it is not trained here", suggestion(name, wanted))


def _parent(options: FinetuneOptions) -> Checkpoint:
    """The one checkpoint that training starts from."""
    found = find(options.model, allow_pickle=options.allow_pickle)
    if "" not in found:
        raise UserError(
            f"{options.model} is a suite",
            "training starts from one checkpoint",
            f"give one: {', '.join(sorted(found))}",
        )
    return found[""]


def _recipes(
    options: FinetuneOptions, wanted: Mapping[str, Task], blocks: int
) -> tuple[dict[str, TrainRecipe], list[str]]:
    """The recipe of each task within the phase, and what tasks of a mixture had to yield."""
    check_tables(options.overrides, list(wanted.values()))
    alone = {
        name: resolve_recipe(task, blocks=blocks, recipe=options.recipe, overrides=options.overrides, sets=options.sets)
        for name, task in wanted.items()
    }
    recipes = as_one_phase(alone)
    if options.compile and recipes[next(iter(recipes))].adversarial_epsilon:
        raise UserError(
            "--compile with adversarial training",
            "the perturbation changes what a compiled encoder computes",
            "leave one of them out",
        )
    return recipes, yielded(alone)


def _selection(
    recipes: dict[str, TrainRecipe], data: Mapping[str, TrainingData], options: FinetuneOptions
) -> dict[str, TrainRecipe]:
    """The recipes, with the last step kept where no task has a dev set.

    Raises:
        UserError: dev of all languages is wanted, but nothing is chosen, or there is English only.
    """
    languages = {language for entry in data.values() for language in entry.dev}
    select = next(iter(recipes.values())).select
    if options.select_on == ALL_DEV and select == "last":
        why = "the recipe keeps the last step, so nothing is chosen on dev"
        raise UserError(f"--select-on {ALL_DEV} would be ignored", why, "leave it out, or pass --set select=dev")
    if options.select_on == ALL_DEV and not languages - {"en"}:
        found = "English only" if languages else "none"
        why = f"dev sets with labels of {', '.join(recipes)} in {options.data}: {found}"
        raise UserError(f"--select-on {ALL_DEV} has nothing to select on", why, "leave it out, or add dev sets")
    if select == "dev" and not languages:
        return {name: replace(each, select="last") for name, each in recipes.items()}
    return recipes
