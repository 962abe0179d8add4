"""Recipe files and --set: how values are read, which wins, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xharness.tasks import xnli, xquad
from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import RecipeValue
from xharness.train.recipe_layers import layered
from xharness.train.recipes import resolve


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


@pytest.mark.parametrize(
    ("lower", "upper", "both"),
    [
        ({"epochs": 1.0, "seed": 1}, {"steps": 5}, {"seed": 1, "steps": 5}),
        ({"steps": 5, "seed": 1}, {"epochs": 1.0}, {"seed": 1, "epochs": 1.0}),
        ({"steps": 5}, {"steps": 6, "warmup_ratio": 0.1}, {"steps": 6, "warmup_ratio": 0.1}),
    ],
)
def test_an_upper_layer_comes_before_the_rival_below(
    lower: dict[str, RecipeValue], upper: dict[str, RecipeValue], both: dict[str, RecipeValue]
) -> None:
    assert layered(lower, upper) == both
