"""Which examples a phase sees: the data seed draws them, and dev has no test item of another task."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Call, Demo
from xharness.tasks.base import Overlap
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate import INTERMEDIATE
from xharness.tasks.overlaps import fingerprint
from xharness.tasks.registry import Registry
from xharness.tasks.subsets import DATA_SEED
from xharness.train.data import TrainingData, read
from xharness.train.finetune import finetune
from xharness.train.options import FinetuneOptions
from xharness.train.prepare import prepare
from xharness.train.recipes import resolve
from xharness.train.specify import specify


def options(demo: Demo, name: str, **more: Any) -> FinetuneOptions:
    base: dict[str, Any] = {"model": demo.models / "encoder", "data": demo.data, "out": Path("out"), "device": "cpu"}
    return FinetuneOptions(**{**base, "tasks": [name], **more})


def data(demo: Demo, name: str, **more: Any) -> TrainingData:
    wanted = options(demo, name, **more)
    task = Registry().known[name]
    return read(name, wanted, resolve(task, blocks=2, recipe=wanted.recipe, sets=wanted.changes), task)


def ids(found: TrainingData) -> tuple[list[str], list[str]]:
    """Of train and of dev."""
    train: Any = found.train
    dev: Any = found.dev["en"].examples
    return [example.id for example in train], [example.id for example in dev]


# --- the data seed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["xnli", "udpos", "squad_v1"])  # the recipes' seeds are 42, 1 and 42
def test_every_training_seed_sees_the_same_examples(demo: Demo, name: str) -> None:
    some: dict[str, Any] = {"examples": 7, "sets": ["dev_examples=2"]}
    first = ids(data(demo, name, **some))
    assert tuple(map(len, first)) == (7, 2)
    assert all(ids(data(demo, name, **some, seed=seed)) == first for seed in (1, 42, 43))
    assert ids(data(demo, name, **some, data_seed=DATA_SEED)) == first
    others = [ids(data(demo, name, **some, data_seed=seed)) for seed in range(5)]
    assert any(other[0] != first[0] for other in others)
    assert any(other[1] != first[1] for other in others)


def test_the_data_seed_belongs_to_the_identity_where_it_drew_something(demo: Demo) -> None:
    def subset(**more: Any) -> Any:
        identity: Any = specify(options(demo, "xnli", **more)).identity
        return identity["subset"]["data_seed"]

    assert subset(data_seed=7) is None
    assert subset(data_seed=7, examples=5) == 7
    assert subset(data_seed=7, sets=["dev_examples=2"]) == 7
    keys = [specify(options(demo, "xnli", sets=["dev_examples=2"], data_seed=seed)).key for seed in (0, 9)]
    assert keys[0] != keys[1]


def test_seed_is_the_recipes_seed(demo: Demo) -> None:
    assert prepare(options(demo, "udpos")).recipe.seed == 1
    assert prepare(options(demo, "udpos", seed=43)).recipe == replace(
        prepare(options(demo, "udpos")).recipe, seed=43, name="reference, changed: seed"
    )
    with pytest.raises(UserError, match="--seed and --set seed="):
        prepare(options(demo, "udpos", seed=43, sets=["seed = 44"]))
    for name in ("seed", "data_seed"):
        with pytest.raises(UserError, match=f"--{name.replace('_', '-')} is -1"):
            prepare(options(demo, "udpos", **{name: -1}))


def test_seeds_on_the_command_line_and_in_the_provenance(demo: Demo, tmp_path: Path, call: Call) -> None:
    quick = ["--set", "steps=1", "--set", "batch_size=2", "--device", "cpu"]
    command = ["finetune", "--model", demo.models / "encoder", "--task", "xnli", "--data", demo.data, *quick]
    seeds = ["--seed", "5", "--data-seed", "6", "--examples", "4"]
    assert call(*command, "--out", tmp_path / "ckpt", *seeds).code == 0
    record = json.loads((tmp_path / "ckpt" / "xharness.json").read_text())
    assert (record["seed"], record["data"]["xnli"]["data_seed"]) == (5, 6)
    refused = call(*command, "--out", tmp_path / "ckpt", *seeds[:2], "--data-seed", "7", *seeds[4:])
    assert refused.code != 0


# --- dev without tests -----------------------------------------------------------------------------------------------


def declared(monkeypatch: pytest.MonkeyPatch, contexts: set[str]) -> None:
    """SQuAD 1.1 with these contexts as XQuAD's."""
    overlap = Overlap(test="xquad", fingerprints=frozenset(map(fingerprint, contexts)))
    task = replace(INTERMEDIATE["squad_v1"], overlaps=(overlap,))
    monkeypatch.setitem(INTERMEDIATE, "squad_v1", task)


@pytest.mark.parametrize(("name", "recipe"), [("squad_v1", "reference"), ("xquad", "jiant")])
def test_dev_is_left_without_test_items_and_says_so(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, recipe: str
) -> None:
    whole: Any = data(demo, name, recipe=recipe).dev["en"]
    before = specify(options(demo, name, recipe=recipe)).identity["dev"]
    context = whole.examples[0].context
    tests = {question.id for question in whole.examples if question.context == context}
    declared(monkeypatch, {context.upper() + "\n"})
    found = data(demo, name, recipe=recipe)
    dev: Any = found.dev["en"]
    kept = [question.id for question in whole.examples if question.id not in tests]
    assert [question.id for question in dev.examples] == [gold.id for gold in dev.gold] == kept
    assert specify(options(demo, name, recipe=recipe)).identity["dev"] != before
    number = len(tests)
    says = f"dev in 'en' is used without some of its {len(whole.examples)} examples: {number} are test items of xquad"
    assert says in found.notes
    quick = ["steps=1", "batch_size=2"]
    folder = finetune(options(demo, name, recipe=recipe, sets=quick, out=tmp_path / "ckpt"))
    record = json.loads((folder / "xharness.json").read_text())
    assert record["data"]["squad_v1"]["left_out_of_dev"] == {"en": {"xquad": number}}


def test_where_the_last_step_is_kept_there_is_nothing_to_say(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Any = data(demo, "xquad").dev["en"]
    declared(monkeypatch, {whole.examples[0].context})
    assert data(demo, "xquad").notes == ()


def test_a_dev_set_of_test_items_only_is_none(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Any = data(demo, "squad_v1").dev["en"]
    declared(monkeypatch, {question.context for question in whole.examples})
    phase = prepare(options(demo, "squad_v1"))
    assert phase.recipe.selection.on == "last"
    assert any("test items of xquad" in warning for warning in phase.warnings())
