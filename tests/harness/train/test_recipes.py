"""Recipes: whose numbers they are, who wins over whom, and the schedule that follows."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xharness.tasks import mewslix, mlqa, panx, pawsx, tatoeba, tydiqa, udpos, xcopa, xnli, xquad
from xharness.tasks.base import Recipe, Selection, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate import INTERMEDIATE, squad_v1
from xharness.tasks.recipe import OF_PAIRS, TYPES
from xharness.tasks.recipes import JIANT, LAST
from xharness.train.recipes import resolve

TRAINED = [xnli.TASK, pawsx.TASK, udpos.TASK, panx.TASK, xquad.TASK, mlqa.TASK, tydiqa.TASK, xcopa.TASK]


def made(**values: Any) -> Recipe:
    plain: dict[str, Any] = {"name": "made up", "learning_rate": 1e-3, "epochs": 2, "batch_size": 4, "max_length": 32}
    return Recipe(**plain | values)


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
    others = ("mlm", "socialiqa", "squad_pairs", "wikipedia_pairs")
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


def test_values_are_parsed_by_their_field() -> None:
    texts = ["steps=12", "learning_rate=1e-5", "dropout=none", "attention_dropout=0.5", "schedule = constant"]
    recipe = resolve(xnli.TASK, blocks=12, sets=texts)
    assert (recipe.steps, recipe.learning_rate, recipe.dropout, recipe.attention_dropout) == (12, 1e-5, None, 0.5)
    assert (recipe.schedule, resolve(xnli.TASK, blocks=12, sets=[*texts, "steps=None"]).steps) == ("constant", None)


def test_the_rival_field_of_a_lower_layer_is_undone(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("steps = 100\n[xquad]\nwarmup_ratio = 0.1\n")
    below = resolve(xquad.TASK, blocks=12, overrides=file)
    assert (below.total_steps(10**6), below.warmup(100)) == (100, 10)
    above = resolve(xquad.TASK, blocks=12, overrides=file, sets=["epochs=1", "warmup_steps=5"])
    assert (above.total_steps(3200), above.warmup(100)) == (100, 5)
    assert above.steps is None
    for sets in (["steps=3", "epochs=1"], ["warmup_steps=3", "warmup_ratio=0.5"]):
        with pytest.raises(UserError, match="are both set"):
            resolve(xquad.TASK, blocks=12, sets=sets)
    assert resolve(xquad.TASK, blocks=12, sets=["steps=none", "epochs=1"]).epochs == 1


def test_dual_encoders_by_the_size_of_the_model() -> None:
    task = INTERMEDIATE["wikipedia_pairs"]
    small, large = (resolve(task, blocks=blocks) for blocks in (12, 24))
    assert (small.negatives, small.batch_size, small.reference_micro_batch, small.learning_rate) == (64, 256, 64, 2e-5)
    assert (large.negatives, large.batch_size, large.reference_micro_batch, large.learning_rate) == (8, 32, 8, 1e-5)
    assert (small.epochs, small.max_length, small.max_question_length, small.warmup(9), small.selection.on) == (
        2,
        64,
        64,
        0,
        "last",
    )
    assert resolve(mewslix.TASK, blocks=12) == small
    assert resolve(task, blocks=24, sets=["negatives=16"]).negatives == 16


def test_a_described_recipe_is_the_recipe_again() -> None:
    recipe = resolve(udpos.TASK, blocks=12, sets=["dropout=0.3"])
    assert made().changed(recipe.record()) == recipe
    assert set(recipe.record()) == set(TYPES) - set(OF_PAIRS)
    of_pairs = resolve(INTERMEDIATE["squad_pairs"], blocks=12, sets=["negatives=16"])
    assert made().changed(of_pairs.record()) == of_pairs
    assert set(of_pairs.record()) == set(TYPES)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("learning_rat=1e-5", "did you mean 'learning_rate'"),
        ("label_smoothing=0.1", "unknown field 'label_smoothing'"),
        ("steps=1e3", "a whole number or none"),
        ("seed=none", "a whole number"),
        ("learning_rate=fast", "a number"),
        ("learning_rate=nan", "at least 0"),
        ("learning_rate=-1", "at least 0"),
        ("max_grad_norm=0", "at least 1e-09"),
        ("epochs=0", "epochs is 0"),
        ("batch_size=0", "at least 1"),
        ("warmup_ratio=1.5", "at most 1"),
        ("schedule=cosine", "linear and constant"),
        ("select=test", "dev and last"),
        ("seed", "key=value"),
        ("=3", "key=value"),
        ("seed=", "key=value"),
    ],
)
def test_a_setting_that_cannot_be(text: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        resolve(xnli.TASK, blocks=12, sets=[text])
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"learning_rte = 1e-5", "did you mean 'learning_rate'"),
        (b"[xnil]\nseed = 1", "did you mean 'xnli'"),
        (b"[pawsx]\nsede = 1", "did you mean 'seed'"),  # of another task, and wrong all the same
        (b"seed = 1.0", "seed cannot be '1.0'"),
        (b"seed = true", "seed cannot be 'True'"),
        (b"learning_rate = true", "learning_rate cannot be 'True'"),
        (b"learning_rate = '1e-5'", "it takes a number"),
        (b"schedule = 1", "it takes a text"),
        (b"steps = [1]", "a whole number or none"),
        (b"seed =", "it is not TOML"),
        (b"name = '\xff'", "it is not TOML"),
    ],
)
def test_a_file_that_cannot_be(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        resolve(xnli.TASK, blocks=12, overrides=file)
    assert says in str(caught.value)


def test_files_and_names(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    with pytest.raises(UserError, match=r"cannot read .*own\.toml"):
        resolve(xnli.TASK, blocks=12, overrides=file)
    with pytest.raises(UserError, match="unknown recipe 'xtreme'"):
        resolve(xnli.TASK, blocks=12, recipe="xtreme")
    file.write_text("steps = 'none'\n[mine]\nseed = 4")
    with pytest.raises(UserError, match="unknown task 'mine'"):
        resolve(xnli.TASK, blocks=12, overrides=file)
    assert resolve(replace(xnli.TASK, name="mine"), blocks=12, overrides=file).seed == 4


# --- the schedule ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ["linear", "constant"])
@pytest.mark.parametrize(
    "warmup", [{}, {"warmup_steps": 1}, {"warmup_steps": 7}, {"warmup_ratio": 0.33}, {"warmup_steps": 50}]
)
def test_the_schedule_is_that_of_transformers(schedule: str, warmup: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    from transformers import get_constant_schedule_with_warmup, get_linear_schedule_with_warmup

    total, recipe = 40, made(schedule=schedule, **warmup)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=recipe.learning_rate)
    if schedule == "linear":
        theirs = get_linear_schedule_with_warmup(optimizer, recipe.warmup(total), total)
    else:
        theirs = get_constant_schedule_with_warmup(optimizer, recipe.warmup(total))
    for step in range(total):
        assert recipe.learning_rate_at(step, total) == pytest.approx(theirs.get_last_lr()[0], rel=1e-15, abs=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            optimizer.step()
        theirs.step()
    assert recipe.learning_rate_at(total, total) == pytest.approx(theirs.get_last_lr()[0], rel=1e-15, abs=0)


def test_a_share_of_warm_up_is_rounded_as_transformers_does(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from transformers import TrainingArguments

    for total in (1, 9, 40, 41, 1000):
        for share in (0.0, 0.1, 0.33):
            theirs = TrainingArguments(output_dir=str(tmp_path), warmup_steps=share, use_cpu=True)
            assert made(warmup_ratio=share).warmup(total) == theirs.get_warmup_steps(total)


def test_steps() -> None:
    assert made(epochs=2).total_steps(11) == 4  # the last 3 of 11 make no step
    assert made(epochs=2).total_steps(3) == 2
    assert made(epochs=0.1).total_steps(3) == 1
    assert made(epochs=0.29).total_steps(400) == 29
    assert made(epochs=2, steps=9).total_steps(3) == 9
    assert resolve(xnli.TASK, blocks=24).total_steps(392_702) == 5 * 12_271


@pytest.mark.parametrize(
    ("task", "recipe", "blocks", "instances", "steps"),
    [
        (xnli.TASK, "reference", 12, 392_702, 5 * 12_272),  # 49,088 micro-batches of 8, by 4
        (pawsx.TASK, "reference", 12, 49_401, 5 * 1_544),
        (pawsx.TASK, "reference", 24, 49_401, 5 * 1_543),  # 24,701 micro-batches of 2, by 16
        (panx.TASK, "reference", 12, 20_000, 10 * 625),
        (udpos.TASK, "reference", 12, 21_253, 10 * 664),
        (xquad.TASK, "reference", 24, 61, 3 * 2),  # 16 of 4, by 8
        (xquad.TASK, "reference", 24, 60, 3 * 1),
        (xnli.TASK, "jiant", 24, 392_702, 2 * 12_272),
        (INTERMEDIATE["mnli"], "reference", 24, 33, 2 * 2),
    ],
)
def test_steps_are_those_of_the_scripts(task: Task, recipe: str, blocks: int, instances: int, steps: int) -> None:
    assert resolve(task, blocks=blocks, recipe=recipe).total_steps(instances) == steps


def test_steps_of_a_batch_below_the_micro_batch() -> None:
    smaller = resolve(xnli.TASK, blocks=12, sets=["batch_size=4", "epochs=1"])
    assert (smaller.total_steps(16), smaller.total_steps(17)) == (4, 5)


def test_warm_up_longer_than_training_is_told() -> None:
    recipe = resolve(tydiqa.TASK, blocks=24)
    total = recipe.total_steps(3696)
    (warning,) = recipe.warnings(total)
    assert total == 345
    assert "500" in warning
    assert "345" in warning
    assert f"{recipe.learning_rate_at(344, 345):.3g}" in warning
    assert recipe.warnings(501) == []
    assert len(recipe.warnings(500)) == 1  # the full rate would come with the step after the last
    assert made(steps=1).warnings(1) == []
