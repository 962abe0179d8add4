"""Training and dev examples of the tasks of a phase, cut as the user wants them, and turned into units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.loading import Loaded
from harness.predict.spans import SpanOptions
from harness.train.develop import Dev
from harness.train.masked import MaskedObjective, blocks
from harness.train.objectives import Objective, make_objective
from harness.train.options import FinetuneOptions
from harness.train.recipes import TrainRecipe
from tasks import subsets
from tasks.base import Example, Kind, Split, Task
from tasks.errors import BadFiles, UserError, suggestion
from tasks.files import sha256
from tasks.intermediate import mlm, trainable
from tasks.intermediate.data import find_folder, load
from tasks.intermediate.labels import learn
from tasks.intermediate.translations import translations
from tasks.readers.text import text_files, text_lines


@dataclass(frozen=True)
class TrainingData:
    """The examples of one task.

    Attributes:
        task: With the labels that its training examples have, where it declares none.
        dev: Examples and gold; None where there is no dev set (TyDiQA's is the test set of XTREME).
        sha: Hash of the training files, of which there are ``files``.
        notes: What a user should know.
    """

    task: Task
    train: Sequence[Example] | Sequence[str]
    dev: tuple[Sequence[Example], Any] | None
    sha: str
    files: int
    notes: tuple[str, ...]


def read(name: str, options: FinetuneOptions, recipe: TrainRecipe) -> TrainingData:
    """Read the English data of one task, and translations of it if the user gives any.

    Raises:
        UserError: no data, malformed data, or a subset that cannot be taken.
    """
    task = trainable(name)
    found = load(task, options.data, "train")
    task = learn(task, found.examples)
    parts = [found, *_translated(task, options)]
    examples: Any = [example for part in parts for example in part.examples]
    files = [file for part in parts for file in part.files]
    notes = tuple(note for part in parts for note in part.notes)
    if options.where:
        examples = subsets.where(examples, options.where)
    if options.select:
        examples = subsets.select(examples, options.select)
    if options.examples:
        examples = subsets.take(examples, options.examples, recipe.seed)
    return TrainingData(task, examples, _dev(task, options.data, recipe), sha256(files), len(files), notes)


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
            mlm.TASK, list(text_lines(found[language])), None, sha256([found[language]]), 1, ()
        )
        for language in wanted
    }


def _dev(task: Task, data: Path, recipe: TrainRecipe) -> tuple[Sequence[Example], Any] | None:
    """English dev, or a fixed seeded part of it."""
    assert task.reader is not None
    if not task.reader.find(find_folder(data, task), "en", "dev"):
        return None
    found = load(task, data, "dev")
    if found.gold is None:
        return None
    if recipe.dev_examples is None or recipe.dev_examples >= len(found.examples):
        return found.examples, found.gold
    examples: Any = found.examples
    kept = {example.id for example in subsets.take(examples, recipe.dev_examples, recipe.seed)}
    places = [index for index, example in enumerate(examples) if example.id in kept]
    gold = [question for question in found.gold if question.id in kept] if task.kind is Kind.SPAN else None
    return [examples[place] for place in places], gold or [found.gold[place] for place in places]


def span_options(recipe: TrainRecipe, task: Task) -> SpanOptions:
    """Windows as the recipe has them; heads that learn to answer nothing may answer nothing."""
    answers_nothing = task.name == "squad_v2"
    return SpanOptions(
        max_length=recipe.max_length,
        doc_stride=recipe.doc_stride,
        max_question_length=recipe.max_question_length,
        no_answer_threshold=0.0 if answers_nothing else None,
    )


def objective(name: str, data: TrainingData, loaded: Loaded, recipe: TrainRecipe) -> Objective:
    """Units of the training examples."""
    if data.task.kind is Kind.MASKED:
        return _masked(name, data, loaded, recipe)
    made = make_objective(
        data.task, data.train, loaded, max_length=recipe.max_length, spans=span_options(recipe, data.task)
    )
    if not made.units:
        raise UserError(f"{data.task.name} has no training examples", "the subset is empty", "take more of it")
    return made


def _masked(name: str, data: TrainingData, loaded: Loaded, recipe: TrainRecipe) -> Objective:
    """Blocks of one language."""
    lines: Any = data.train
    units = blocks(name, lines, loaded, max_length=recipe.max_length, probability=recipe.mlm_probability)
    if not units:
        raise UserError(f"{name} has no text to train on", "no line of it is long enough", "leave the language out")
    return MaskedObjective(data.task, units, loaded, seed=recipe.seed)


def development(data: TrainingData, made: Objective, recipe: TrainRecipe) -> Dev | None:
    """The dev set as the training loop evaluates it."""
    if data.dev is None:
        return None
    examples, gold = data.dev
    return Dev(data.task, examples, gold, made.labels, recipe.max_length, span_options(recipe, data.task))
