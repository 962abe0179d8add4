"""Training and dev examples of the tasks of a phase, cut as the user wants them, and turned into instances."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xharness.compute.loading import Loaded
from xharness.evaluation.answer import can_be_answered
from xharness.tasks import subsets
from xharness.tasks.base import Task
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.intermediate import mlm
from xharness.tasks.intermediate.data import find_folder, load
from xharness.tasks.intermediate.labels import learn
from xharness.tasks.intermediate.translations import all_translations
from xharness.tasks.overlaps import shared
from xharness.tasks.readers.lines import count
from xharness.tasks.readers.text import text_lines
from xharness.tasks.recipe import Recipe
from xharness.tasks.registry import languages_of
from xharness.tasks.synonyms import Synonyms
from xharness.train.data_files import text_of
from xharness.train.loop.validation import ValidationSet
from xharness.train.objectives import Objective, objective_class
from xharness.train.objectives.base import TrainingInstance
from xharness.train.options import ALL_DEV, FinetuneOptions
from xharness.train.synonyms import Augmenter


@dataclass(frozen=True)
class DevSet:
    """Labelled examples of one language to choose the best step by.

    Attributes:
        left_out: How many of its examples are test items of another task, by that task's name.
    """

    task: Task
    examples: Sequence[Any]  # of the task's type
    gold: Any
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingData:
    """The examples of one task.

    Attributes:
        task: With the labels that its training examples have, where it declares none.
        dev: By language; empty where there is no dev set (TyDiQA's is the test set of XTREME).
        files: How many files of training examples there are.
        notes: What a user should know.
    """

    task: Task
    train: Sequence[Any]  # of the task's type | Sequence[str]
    dev: Mapping[str, DevSet]
    files: int
    notes: tuple[str, ...]


def read(name: str, options: FinetuneOptions, recipe: Recipe, answered: Task) -> TrainingData:
    """Read the English data of one task, and translations of it if the user gives any.

    Args:
        answered: What the model is for: MLQA's models train on SQuAD, and MLQA has dev sets of its own.

    Raises:
        UserError: no data, malformed data, or a subset that cannot be taken.
    """
    task = options.registry.trainable(name)
    found = load(task, options.data, "train")
    task = learn(task, found.examples)
    translated = all_translations(task, options.translations)
    files = [file for part in (found, *translated) for file in part.files]
    notes = tuple(note for part in (found, *translated) for note in part.notes)
    examples: Any = found.examples
    if options.where:
        examples = subsets.where(examples, options.where)
    if options.select:
        examples = subsets.select(examples, options.select)
    examples = [*examples, *(example for part in translated for example in part.examples)]
    if options.examples:
        examples = subsets.take(examples, options.examples, options.data_seed, task.type.stratum)
    dev = _everywhere(task, answered, options.data) if options.select_on == ALL_DEV else _english(task, options.data)
    if recipe.selection.on == "dev":
        notes += tuple(_said(language, entry) for language, entry in dev.items() if entry.left_out)
    kept = {language: _part(entry, recipe, options.data_seed) for language, entry in dev.items() if entry.examples}
    return TrainingData(task, examples, kept, len(files), notes)


def read_text(options: FinetuneOptions) -> dict[str, TrainingData]:
    """The text of each language for masked language modelling, as members ``mlm-de`` of the mixture.

    Raises:
        UserError: no text, or none in a language that was asked for.
    """
    return {
        name: TrainingData(mlm.TASK, list(text_lines(file)), {}, files=1, notes=())
        for name, file in text_of(options).items()
    }


def _english(task: Task, data: Path) -> dict[str, DevSet]:
    """The English dev set, if there is one."""
    found = _dev(task, data, "en")
    return {"en": found} if found else {}


def _everywhere(task: Task, answered: Task, data: Path) -> dict[str, DevSet]:
    """The dev sets of all languages that the data hold: those of the task itself, else of what it trains on."""
    for each in (answered, task):
        try:
            found = {language: _dev(each, data, language) for language in languages_of(each)}
        except UserError as error:
            if isinstance(error, BadFiles):
                raise
            continue  # no folder of this task
        if dev := {language: entry for language, entry in sorted(found.items()) if entry}:
            return _english(task, data) | dev
    return {}


def _dev(task: Task, data: Path, language: str) -> DevSet | None:
    """The dev set of one language; None if there is none with gold.

    Raises:
        BadFiles: malformed lines, all of them.
    """
    folder = find_folder(data, task)
    if not can_be_answered(task) or task.reader is None or not task.reader.find(folder, language, "dev"):
        return None
    found = task.reader.read(folder, language, "dev")
    if found.problems:
        raise BadFiles(
            f"{task.name}: dev in '{language}' cannot be used", found.problems, "correct or replace the file"
        )
    if found.gold is None:
        return None
    return _without_tests(DevSet(task, found.examples, found.gold))


def _without_tests(dev: DevSet) -> DevSet:
    """A dev set without the test items of other tasks: whoever chose a step on those would choose on the test."""
    found = shared(dev.task.type, dev.examples, dev.task.overlaps)
    if not found:
        return dev
    tests = {example.id for items in found.values() for example in items}
    kept = _only(dev, {example.id for example in dev.examples} - tests)
    return replace(kept, left_out={test: len(items) for test, items in found.items()})


def _said(language: str, dev: DevSet) -> str:
    """What was left out of a dev set, in words."""
    total = len(dev.examples) + sum(dev.left_out.values())
    tests = "; ".join(f"{number} are test items of {test}" for test, number in dev.left_out.items())
    return f"dev in '{language}' is used without some of its {count(total, 'example')}: {tests}"


def _part(dev: DevSet, recipe: Recipe, data_seed: int) -> DevSet:
    """A dev set, or the fixed part of it that the recipe wants, drawn by the data seed."""
    if recipe.selection.examples is None or recipe.selection.examples >= len(dev.examples):
        return dev
    taken = subsets.take(dev.examples, recipe.selection.examples, data_seed, dev.task.type.stratum)
    return _only(dev, {example.id for example in taken})


def _only(dev: DevSet, ids: Collection[str]) -> DevSet:
    """The part of a dev set with these ids."""
    places = [index for index, example in enumerate(dev.examples) if example.id in ids]
    examples, gold = dev.task.type.take(dev.examples, dev.gold, places)
    return replace(dev, examples=examples, gold=gold)


def objective(name: str, data: TrainingData, loaded: Loaded, recipe: Recipe, synonyms: Synonyms | None) -> Objective:
    """Instances of the training examples, and how they change from step to step.

    Raises:
        UserError: there are none, or an example has no label.
    """
    kind = objective_class(data.task)
    made = kind.build(name, data.task, data.train, loaded, recipe)
    if not made.instances:
        raise UserError(f"{data.task.name} has no training examples", "the subset is empty", "take more of it")
    if synonyms and kind.can_substitute:

        def encode(examples: Sequence[Any]) -> list[TrainingInstance]:
            return kind.make_instances(data.task, made.labels, examples, loaded, recipe)

        made.augment = Augmenter(kind, data.train, encode, synonyms, recipe.seed)
    return made


def development(data: TrainingData, made: Objective, recipe: Recipe) -> dict[str, ValidationSet]:
    """The dev sets as the training loop evaluates them, by language."""
    settings = made.answer_settings(data.task, recipe)
    return {
        language: ValidationSet(
            found.task, language, found.examples, found.gold, made.labels, recipe.max_length, settings
        )
        for language, found in data.dev.items()
    }
