"""Training and dev examples of the tasks of a phase, cut as the user wants them, and turned into units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.loading import Loaded
from harness.predict.spans import SpanOptions
from harness.train.develop import Dev
from harness.train.masked import MaskedObjective, blocks
from harness.train.objectives import Objective, Unit, make_objective, make_units
from harness.train.options import ALL_DEV, FinetuneOptions
from harness.train.recipes import TrainRecipe
from harness.train.synonyms import Augmenter, Synonyms
from tasks import subsets
from tasks.base import Example, Kind, Split, Task
from tasks.errors import BadFiles, UserError, suggestion
from tasks.files import sha256
from tasks.intermediate import mlm, trainable
from tasks.intermediate.data import find_folder, load
from tasks.intermediate.labels import learn
from tasks.intermediate.translations import translations
from tasks.readers.text import text_files, text_lines
from tasks.registry import languages_of


@dataclass(frozen=True)
class DevSet:
    """Labelled examples of one language to choose the best step by."""

    task: Task
    examples: Sequence[Example]
    gold: Any
    sha: str


@dataclass(frozen=True)
class TrainingData:
    """The examples of one task.

    Attributes:
        task: With the labels that its training examples have, where it declares none.
        dev: By language; empty where there is no dev set (TyDiQA's is the test set of XTREME).
        sha: Hash of the training files, of which there are ``files``.
        notes: What a user should know.
    """

    task: Task
    train: Sequence[Example] | Sequence[str]
    dev: Mapping[str, DevSet]
    sha: str
    files: int
    notes: tuple[str, ...]


def read(name: str, options: FinetuneOptions, recipe: TrainRecipe, answered: Task) -> TrainingData:
    """Read the English data of one task, and translations of it if the user gives any.

    Args:
        answered: What the model is for: MLQA's models train on SQuAD, and MLQA has dev sets of its own.

    Raises:
        UserError: no data, malformed data, or a subset that cannot be taken.
    """
    task = trainable(name)
    found = load(task, options.data, "train")
    task = learn(task, found.examples)
    translated = _translated(task, options)
    files = [file for part in (found, *translated) for file in part.files]
    notes = tuple(note for part in (found, *translated) for note in part.notes)
    examples: Any = found.examples
    if options.where:
        examples = subsets.where(examples, options.where)
    if options.select:
        examples = subsets.select(examples, options.select)
    examples = [*examples, *(example for part in translated for example in part.examples)]
    if options.examples:
        examples = subsets.take(examples, options.examples, recipe.seed)
    dev = _everywhere(task, answered, options.data) if options.select_on == ALL_DEV else _english(task, options.data)
    kept = {language: _part(found, recipe) for language, found in dev.items()}
    return TrainingData(task, examples, kept, sha256(files), len(files), notes)


def _translated(task: Task, options: FinetuneOptions) -> list[Split]:
    """The machine-translated copies that the user mixes in.

    Raises:
        BadFiles: malformed lines, all of them.
    """
    splits = [translations(task, language, path) for language, path in options.translations.items()]
    if problems := [problem for split in splits for problem in split.problems]:
        raise BadFiles(f"translations of {task.name} cannot be used", problems, "mend the files")
    return splits


def read_text(options: FinetuneOptions) -> dict[str, TrainingData]:
    """The text of each language for masked language modelling, as members ``mlm-de`` of the mixture.

    Raises:
        UserError: no text, or none in a language that was asked for.
    """
    found = text_files(options.data)
    wanted = [part.strip() for part in options.mlm_langs.split(",")] if options.mlm_langs else list(found)
    for language in wanted:
        if language not in found:
            raise UserError(f"no text in '{language}'", f"there is {', '.join(found)}", suggestion(language, found))
    return {
        f"{mlm.TASK.name}-{language}": TrainingData(
            mlm.TASK, list(text_lines(found[language])), {}, sha256([found[language]]), 1, ()
        )
        for language in wanted
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
    if task.reader is None or not task.reader.find(folder, language, "dev"):
        return None
    found = task.reader.read(folder, language, "dev")
    if found.problems:
        raise BadFiles(
            f"{task.name}: dev in '{language}' cannot be used", found.problems, "correct or replace the file"
        )
    return None if found.gold is None else DevSet(task, found.examples, found.gold, sha256(found.files))


def _part(dev: DevSet, recipe: TrainRecipe) -> DevSet:
    """A dev set, or the fixed seeded part of it that the recipe wants."""
    if recipe.dev_examples is None or recipe.dev_examples >= len(dev.examples):
        return dev
    examples: Any = dev.examples
    kept = {example.id for example in subsets.take(examples, recipe.dev_examples, recipe.seed)}
    places = [index for index, example in enumerate(examples) if example.id in kept]
    gold = [question for question in dev.gold if question.id in kept] if dev.task.kind is Kind.SPAN else None
    return replace(dev, examples=[examples[place] for place in places], gold=gold or [dev.gold[i] for i in places])


def span_options(recipe: TrainRecipe, task: Task) -> SpanOptions:
    """Windows as the recipe has them; heads that learn to answer nothing may answer nothing."""
    answers_nothing = task.name == "squad_v2"
    return SpanOptions(
        max_length=recipe.max_length,
        doc_stride=recipe.doc_stride,
        max_question_length=recipe.max_question_length,
        no_answer_threshold=0.0 if answers_nothing else None,
    )


def objective(
    name: str, data: TrainingData, loaded: Loaded, recipe: TrainRecipe, synonyms: Synonyms | None
) -> Objective:
    """Units of the training examples, and how they change from step to step."""
    if data.task.kind is Kind.MASKED:
        return _masked(name, data, loaded, recipe)
    how: dict[str, Any] = {"max_length": recipe.max_length, "spans": span_options(recipe, data.task)}
    made = make_objective(data.task, data.train, loaded, **how)
    if not made.units:
        raise UserError(f"{data.task.name} has no training examples", "the subset is empty", "take more of it")
    if synonyms:

        def encode(examples: Sequence[Any]) -> list[Unit]:
            return make_units(data.task, made.labels, examples, loaded, **how)

        made.augment = Augmenter(data.train, encode, synonyms, recipe.seed)
    return made


def _masked(name: str, data: TrainingData, loaded: Loaded, recipe: TrainRecipe) -> Objective:
    """Blocks of one language."""
    lines: Any = data.train
    units = blocks(name, lines, loaded, max_length=recipe.max_length, probability=recipe.mlm_probability)
    if not units:
        raise UserError(f"{name} has no text to train on", "no line of it is long enough", "leave the language out")
    return MaskedObjective(data.task, units, loaded, seed=recipe.seed)


def development(data: TrainingData, made: Objective, recipe: TrainRecipe) -> dict[str, Dev]:
    """The dev sets as the training loop evaluates them, by language."""
    spans = span_options(recipe, data.task)
    return {
        language: Dev(found.task, language, found.examples, found.gold, made.labels, recipe.max_length, spans)
        for language, found in data.dev.items()
    }
