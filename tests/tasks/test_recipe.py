"""The schedule of a recipe, and its steps."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from xharness.tasks import panx, pawsx, tydiqa, udpos, xnli, xquad
from xharness.tasks.base import Recipe, Task
from xharness.tasks.intermediate import INTERMEDIATE
from xharness.tasks.recipe import OF_PAIRS, TYPES
from xharness.train.recipes import resolve


def made(**values: Any) -> Recipe:
    plain: dict[str, Any] = {"name": "made up", "learning_rate": 1e-3, "epochs": 2, "batch_size": 4, "max_length": 32}
    return Recipe(**plain | values)


def test_a_described_recipe_is_the_recipe_again() -> None:
    recipe = resolve(udpos.TASK, blocks=12, sets=["dropout=0.3"])
    assert made().changed(recipe.record()) == recipe
    assert set(recipe.record()) == set(TYPES) - set(OF_PAIRS)
    of_pairs = resolve(INTERMEDIATE["squad_pairs"], blocks=12, sets=["negatives=16"])
    assert made().changed(of_pairs.record()) == of_pairs
    assert set(of_pairs.record()) == set(TYPES)


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
