"""From the specification of a phase to the phase: its data are read, checked and encoded. Loads no weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xharness.checkpoints.architecture import check_head
from xharness.checkpoints.checkpoint import Head
from xharness.checkpoints.offline import offline
from xharness.compute.loading import Loaded, encoder_class, load_tokenizer, without_model
from xharness.evaluation.answer import answerer_of, can_be_answered
from xharness.predict.room import Remedies, room_for_text
from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import Recipe
from xharness.train.data import TrainingData, objective, read, read_text
from xharness.train.objectives import objective_class
from xharness.train.options import ALL_DEV, FinetuneOptions
from xharness.train.phase import Phase
from xharness.train.specification import PhaseSpecification
from xharness.train.specify import specify

REMEDIES = Remedies("raise it: --set max_length=N", "cut questions: --set max_question_length=N")


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
    shares = phase.shares
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
