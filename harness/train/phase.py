"""One phase, checked and encoded before anything is trained: its recipes, data, units and identity."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from xharness.checkpoints.architecture import check_architecture, check_head
from xharness.checkpoints.checkpoint import Checkpoint, Head, find
from xharness.checkpoints.offline import offline
from xharness.checkpoints.provenance import doubt, tasks_of
from xharness.checkpoints.provenance import read as read_provenance
from xharness.compute.device import resolve
from xharness.compute.loading import Loaded, encoder_class, load_tokenizer, without_model
from xharness.evaluation.answer import answerer_of, can_be_answered
from xharness.predict.room import Remedies, room_for_text
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.intermediate import mlm
from xharness.tasks.registry import Registry
from xharness.train.configured import by_micro_batch, configured
from xharness.train.data import TrainingData, objective, read, read_text
from xharness.train.mixture import Mixture, MixtureOptions, language_probabilities, probabilities
from xharness.train.mixture import describe as describe_mixture
from xharness.train.objectives import Objective, objective_class
from xharness.train.options import ALL_DEV, MLM_ALPHA, MLM_RATIO, FinetuneOptions
from xharness.train.parallel import launched
from xharness.train.recipes import OF_TASK, REFERENCE, TrainRecipe, as_one_phase, check_tables, describe, yielded
from xharness.train.recipes import resolve as resolve_recipe
from xharness.train.synonyms import Synonyms, read_synonyms

RULE = "schedule, seed and selection are those of the first task; lengths of inputs are each task's own"

REMEDIES = Remedies("raise it: --set max_length=N", "cut questions: --set max_question_length=N")

BATCH_TOKENS = {"cpu": 2048}  # more than for answering: a pass backward has more that costs by itself


@dataclass(frozen=True)
class Phase:
    """A checked phase, before anything is trained.

    Attributes:
        recipes: By task; they differ in :data:`xharness.train.recipes.OF_TASK` only.
        total: Optimizer steps.
        notes: What a user should know about how the recipes came together.
        keeps_head: Whether the parent's head is trained on, as the reference does between Social IQa and COPA.
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
    keeps_head: bool = False

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
                "data_seed": options.data_seed if any(data.drawn for data in self.data.values()) else None,
                "where": options.where,
                "translations": sorted(options.translations),
                "select": sorted(options.select.read_text(encoding="utf-8").split()) if options.select else None,
            },
            "synonyms": self.synonyms.sha if self.synonyms else None,
            "mixture": describe_mixture(self.sizes, self.mixture) if len(self.data) > 1 else None,
            "grouped": options.mixture.grouped,
            "task_weights": dict(options.task_weights),
            **({"head": "the parent's"} if self.keeps_head else {}),
            "dropout": {"by": "micro-batch", **self.cut} if self.by_micro_batch else {"by": "instance"},
        }

    @cached_property
    def by_micro_batch(self) -> str | None:
        """Why the masks of dropout depend on the cut into micro-batches, in words; None if they do not."""
        config = configured(self.parent, self.recipe, self.loaded.pad_id)
        return by_micro_batch(config, self.loaded.device.name, self.options.compile)

    @property
    def cut(self) -> dict[str, int]:
        """What decides how a step is cut into micro-batches."""
        return {"batch_tokens": self.batch_tokens, "processes": launched()}

    @property
    def members(self) -> dict[str, str]:
        """Checkpoints that come out, by name, and the member whose head each holds; languages of text share one."""
        return {mlm.TASK.name if d.task.type.per_language else name: name for name, d in self.data.items()}

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
        text = {name: size for name, size in self.sizes.items() if self.data[name].task.type.per_language}
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
        if self.by_micro_batch:
            kept = "--batch-tokens and the number of processes stay as they are until it is finished"
            notes.append(f"dropout is drawn by micro-batch, because {self.by_micro_batch}: {kept}")
        notes += [f"not zero-shot: {reason}" for reason in self.seen]
        return [*self.recipe.warnings(self.total), *self.notes, *notes]

    def summary(self) -> dict[str, Any]:
        """What the phase amounts to, but for time and memory (:mod:`xharness.train.estimate`)."""
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
            found[mlm.TASK.name if self.data[name].task.type.per_language else name] += number
        return found


@offline()
def prepare(options: FinetuneOptions) -> Phase:
    """Check a phase and encode its data. Loads no weights.

    Raises:
        UserError: the first thing that is wrong.
    """
    options.check()
    registry = options.registry
    wanted = {registry.trainable(name).name: registry.known[name] for name in options.tasks}
    _check_names(options, wanted, registry)
    parent = _parent(options)
    recipes, notes = _recipes(options, wanted, parent.blocks, registry)
    notes += [said] if (said := doubt(parent)) else []
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
    for name, entry in data.items():
        _check_room(loaded, entry, recipes[name])
    objectives = {name: objective(name, entry, loaded, recipes[name], synonyms) for name, entry in data.items()}
    for made in objectives.values():
        if made.head is not Head.MASKED:  # building it says what is missing
            check_head(parent, made.head)
    total = next(iter(recipes.values())).total_steps(sum(len(made.units) for made in objectives.values()))
    keeps_head, alone = _after(options, wanted, parent)
    notes = [*notes, *alone]
    phase = Phase(options, parent, recipes, data, objectives, loaded, synonyms, total, notes, keeps_head)
    return replace(phase, notes=[*notes, *_rarely_drawn(phase)]) if len(phase.members) > 1 else phase


def _check_room(loaded: Loaded, data: TrainingData, recipe: TrainRecipe) -> None:
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


def _after(options: FinetuneOptions, wanted: Mapping[str, Task], parent: Checkpoint) -> tuple[bool, list[str]]:
    """Whether training starts from the task that the reference trains on before, and if not, how it would."""
    before = [task.recipe.after for task in wanted.values() if task.recipe and task.recipe.after]
    if options.recipe != REFERENCE or not before or len(wanted) > 1:
        return False, []
    record = read_provenance(parent.path)
    if record and tasks_of(record) == before:
        return True, []
    (name,), (first,) = wanted, before
    own = ["--tasks-from", str(options.tasks_from)] if options.tasks_from else []
    command, between = ["xharness", "finetune", "--data", str(options.data), *own], f"{options.out}-{first}"
    both = [
        shlex.join([*command, "--model", str(options.model), "--task", first, "--out", between]),
        shlex.join([*command, "--model", between, "--task", name, "--out", str(options.out)]),
    ]
    why = f"the reference trains on {first} first and goes on from that checkpoint, head included"
    return False, [f"{name} is trained alone here: {why}. For both: {' && '.join(both)}"]


def _check_names(options: FinetuneOptions, wanted: Mapping[str, Task], registry: Registry) -> None:
    """Refuse loss weights of tasks that are not there, and a task under two names.

    Raises:
        UserError: naming it.
    """
    if len(wanted) < len(set(options.tasks)):
        trained = {name: registry.trainable(name).name for name in options.tasks}
        both = [name for name, data in trained.items() if list(trained.values()).count(data) > 1]
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
    options: FinetuneOptions, wanted: Mapping[str, Task], blocks: int, registry: Registry
) -> tuple[dict[str, TrainRecipe], list[str]]:
    """The recipe of each task within the phase, and what tasks of a mixture had to yield."""
    check_tables(options.overrides, list(wanted.values()), registry)
    alone = {
        name: resolve_recipe(
            task,
            blocks=blocks,
            recipe=options.recipe,
            overrides=options.overrides,
            sets=options.changes,
            registry=registry,
        )
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
