"""Recipes: whose numbers they are, who wins over whom, and the schedule that follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xharness.tasks import mlqa, panx, pawsx, tatoeba, tydiqa, udpos, xcopa, xnli, xquad
from xharness.tasks.base import Recipe, Selection, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate import INTERMEDIATE, squad_v1
from xharness.tasks.recipes import JIANT, LAST
from xharness.train.recipes import resolve

TRAINED = [xnli.TASK, pawsx.TASK, udpos.TASK, panx.TASK, xquad.TASK, mlqa.TASK, tydiqa.TASK, xcopa.TASK]


# --- whose numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "rate", "large", "epochs", "length", "every", "seed"),
    [
        (xnli.TASK, 2e-5, 3e-5, 5, 128, 100, 42),
        (pawsx.TASK, 2e-5, 2e-5, 5, 128, 200, 42),
        (panx.TASK, 2e-5, 2e-5, 10, 128, 1000, 1),
        (udpos.TASK, 2e-5, 2e-5, 10, 128, 500, 1),
    ],
)
def test_reference_of_classification_and_tagging(
    task: Task, rate: float, large: float, epochs: int, length: int, every: int, seed: int
) -> None:
    recipe = resolve(task, blocks=12)
    assert resolve(task, blocks=23) == recipe
    assert (recipe.learning_rate, resolve(task, blocks=24).learning_rate) == (rate, large)
    assert (recipe.epochs, recipe.batch_size, recipe.max_length, recipe.seed) == (epochs, 32, length, seed)
    assert (recipe.warmup(1000), recipe.weight_decay, recipe.max_grad_norm, recipe.adam_epsilon) == (0, 0, 1, 1e-8)
    assert recipe.selection == Selection(every=every)


@pytest.mark.parametrize("task", [xquad.TASK, mlqa.TASK, tydiqa.TASK], ids=lambda task: task.name)
def test_reference_of_questions(task: Task) -> None:
    recipe = resolve(task, blocks=24)
    assert (recipe.learning_rate, recipe.epochs, recipe.batch_size, recipe.max_length) == (3e-5, 3, 32, 384)
    assert (recipe.doc_stride, recipe.max_question_length, recipe.weight_decay) == (128, 64, 1e-4)
    assert (recipe.selection.on, recipe.warmup(10_000)) == ("last", 500)


@pytest.mark.parametrize("task", [INTERMEDIATE["socialiqa"], xcopa.TASK], ids=lambda task: task.name)
def test_reference_of_choices(task: Task) -> None:
    recipe = resolve(task, blocks=12)
    assert (recipe.learning_rate, resolve(task, blocks=24).learning_rate) == (2e-5, 3e-5)
    assert (recipe.epochs, recipe.batch_size, recipe.max_length, recipe.seed) == (5, 32, 128, 42)
    assert (recipe.warmup(1000), recipe.weight_decay, recipe.selection.on) == (0, 0, "last")
    assert resolve(task, blocks=24, recipe="jiant").learning_rate == 1e-5


@pytest.mark.parametrize("task", TRAINED, ids=lambda task: task.name)
def test_jiant_changes_the_targets(task: Task) -> None:
    recipe = resolve(task, blocks=24, recipe="jiant")
    assert (recipe.name, recipe.learning_rate, recipe.warmup(1000), recipe.weight_decay) == ("jiant", 1e-5, 100, 0.01)
    epochs = {"xnli": 2, "pawsx": 5, "udpos": 10, "panx": 10, "xquad": 2, "mlqa": 2, "tydiqa": 2, "xcopa": 5}
    shape = {"xcopa": (32, 128), "xquad": (16, 384), "mlqa": (16, 384), "tydiqa": (16, 384)}.get(task.name, (32, 256))
    assert (recipe.epochs, (recipe.batch_size, recipe.max_length)) == (epochs[task.name], shape)
    assert recipe.selection == (LAST if task.name == "tydiqa" else JIANT)
    assert Selection(every=1000, patience=30, examples=500) == JIANT


def test_an_intermediate_task_has_one_recipe_whatever_the_name() -> None:
    # Text has a recipe of our own, and XTREME's scripts have those of Social IQa and of pairs out of SQuAD.
    others = ("mlm", "socialiqa", "squad_pairs")
    for task in (task for task in INTERMEDIATE.values() if task.name not in others):
        ours = resolve(task, blocks=24)
        assert resolve(task, blocks=24, recipe="jiant") == ours
        assert (ours.learning_rate, ours.warmup(1000), ours.selection.patience, ours.selection.examples) == (
            1e-5,
            100,
            30,
            500,
        )
    assert resolve(squad_v1.TASK, blocks=12).batch_size == 16


def test_every_training_keeps_one_of_three_ways() -> None:
    jiant = {"ccg", "anli_plus", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "cosmosqa", "commonsenseqa"}
    jiant |= {"copa", "paws", "ud_dependency"}
    for name, task in INTERMEDIATE.items():
        recipe = resolve(task, blocks=12)
        assert recipe.selection == (JIANT if name in jiant else LAST)


def test_a_task_of_ones_own() -> None:
    own = Recipe(learning_rate=1e-3, epochs=4, batch_size=8, max_length=77)
    task = replace(xnli.TASK, name="own", recipe=own, jiant=None)
    recipe = resolve(task, blocks=12)
    assert (recipe.learning_rate, recipe.epochs, recipe.batch_size, recipe.max_length) == (1e-3, 4, 8, 77)
    assert recipe.selection == Selection()
    assert resolve(task, blocks=12, recipe="jiant") == recipe


@pytest.mark.parametrize("task", [tatoeba.TASK, replace(xnli.TASK, recipe=None, jiant=None)], ids=["encoder", "own"])
def test_a_task_without_a_recipe_is_refused(task: Task) -> None:
    with pytest.raises(UserError, match=f"no recipe for '{task.name}'"):
        resolve(task, blocks=12)


# --- who wins --------------------------------------------------------------------------------------------------------


def test_precedence(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        "\ufefflearning_rate = 1\nepochs = 7\nseed = 7\n[xnli]\nepochs = 8\nseed = 8\n[pawsx]\nseed = 99\n", "utf-8"
    )
    recipe = resolve(xnli.TASK, blocks=12, overrides=file, sets=["seed=9", "seed=10"])
    assert (recipe.learning_rate, recipe.epochs, recipe.seed) == (1.0, 8.0, 10)
    assert isinstance(recipe.learning_rate, float)
    assert recipe.batch_size == resolve(xnli.TASK, blocks=12).batch_size
    assert recipe.name == "reference, changed: learning_rate, epochs, seed"


def test_the_name_tells_changes_only() -> None:
    assert resolve(xnli.TASK, blocks=12, sets=["batch_size=32"]).name == "reference"
    assert resolve(xnli.TASK, blocks=12, recipe="jiant", sets=["dropout=0"]).name == "jiant, changed: dropout"
    assert resolve(xnli.TASK, blocks=12, sets=["seed=3", "name=mine"]).name == "mine"


# --- what is refused -------------------------------------------------------------------------------------------------


# --- the schedule ----------------------------------------------------------------------------------------------------
