"""``xharness data cartography``, ``twin`` and ``nested``: from training to subset and back to training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo
from tests.tasks.selection.made_up import write_mnli
from xharness.compute.token_counts import token_counter
from xharness.tasks.selection.pool import PoolOptions, read_pool

SETS = [part for change in ("steps=12", "batch_size=8", "max_length=32", "select=last") for part in ("--set", change)]


@pytest.fixture
def trained(demo: Demo, call: Call, tmp_path: Path) -> Path:
    data = write_mnli(tmp_path / "data", 40)
    base = ("--model", demo.models / "encoder", "--data", data, "--device", "cpu", "--task", "mnli", *SETS)
    assert call("finetune", *base, "--out", tmp_path / "ckpt", "--dynamics", "-q").code == 0
    return tmp_path / "ckpt"


def test_what_a_map_selects_is_trained_on_and_has_a_twin(trained: Path, demo: Demo, call: Call, tmp_path: Path) -> None:
    ids, page, table = tmp_path / "ids.txt", tmp_path / "map.html", tmp_path / "map.csv"
    select = ("--select", "ambiguous", "--share", 0.25, "--out", ids)
    called = call("data", "cartography", trained, *select, "--map", page, "--table", table)
    assert called.code == 0, called.err
    assert f"{ids}: 10 ids, for finetune --select" in called.out
    assert "40 training examples over 2 passes" in called.out
    assert len(table.read_text().splitlines()) == 41
    assert page.is_file()
    data = ("--task", "mnli", "--data", tmp_path / "data")
    twin = call("data", "twin", "--of", ids, *data, "--seed", 1, "--out", tmp_path / "twin.txt", "--json")
    assert twin.code == 0, twin.err
    found = json.loads(twin.out)
    assert (len(found["ids"]), found["shared"]) == (10, 0)
    base = ("--model", demo.models / "encoder", *data, "--device", "cpu", *SETS, "-q")
    for name in ("ids", "twin"):
        again = call("finetune", *base, "--out", tmp_path / name, "--select", tmp_path / f"{name}.txt")
        assert again.code == 0, again.err


def test_nested_lists_are_what_examples_take(demo: Demo, call: Call, tmp_path: Path) -> None:
    data = ("--task", "mnli", "--data", write_mnli(tmp_path / "data", 40))
    called = call("data", "nested", *data, "--sizes", "10,20", "--data-seed", 5, "--out", tmp_path / "subsets")
    assert called.code == 0, called.err
    assert "finetune --examples N --data-seed 5" in called.out
    base = ("finetune", "--model", demo.models / "encoder", *data, "--device", "cpu", *SETS, "-q", "--dynamics")
    chosen = tmp_path / "subsets" / "mnli-20.txt"
    assert call(*base, "--out", tmp_path / "list", "--select", chosen).code == 0
    assert call(*base, "--out", tmp_path / "number", "--examples", 20, "--data-seed", 5).code == 0
    files = [(tmp_path / name / "dynamics.npz").read_bytes() for name in ("list", "number")]
    assert files[0] == files[1]
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("list", "number")]
    assert weights[0] == weights[1]


def test_tokens_of_a_model_count(demo: Demo, call: Call, tmp_path: Path) -> None:
    data = ("--task", "mnli", "--data", write_mnli(tmp_path / "data", 40), "--tokens", 200)
    plain = call("data", "nested", *data, "--out", tmp_path / "words", "--json")
    of_model = call("data", "nested", *data, "--out", tmp_path / "tokens", "--json", "--model", demo.models / "encoder")
    (by_words,), (by_tokens,) = json.loads(plain.out), json.loads(of_model.out)
    assert by_words["file"] == "mnli-200-words.txt"
    chosen = set((tmp_path / "tokens" / "mnli-200-tokens.txt").read_text().split())
    pool = read_pool(PoolOptions(task="mnli", data=tmp_path / "data"))
    texts = [pool.task.type.text(example) for example in pool.examples if example.id in chosen]
    assert by_tokens["tokens"] == sum(token_counter(demo.models / "encoder")(texts)) <= 200
    assert by_tokens["examples"] == len(texts)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--select", "hard"), "--select without --out"),
        (("--out", "ids.txt"), "--out without --select"),
        (("--both-ends",), "--both-ends without --select"),
        (("--share", 0.5), "--share without --select"),
        (("--burn-out", 9), "--burn-out is 9"),
        (("--select", "hard", "--share", 2, "--out", "ids.txt"), "--share is 2"),
    ],
)
def test_options_that_do_not_fit(trained: Path, call: Call, arguments: tuple[object, ...], problem: str) -> None:
    called = call("data", "cartography", trained, *arguments)
    assert called.code != 0
    assert problem in called.err


def test_numbers_that_are_none(call: Call, tmp_path: Path) -> None:
    data = ("--task", "mnli", "--data", write_mnli(tmp_path / "data", 10), "--out", tmp_path / "subsets")
    for numbers, problem in (((), "no size of a subset"), (("--sizes", "10,x"), "cannot read --sizes x")):
        called = call("data", "nested", *data, *numbers)
        assert called.code != 0
        assert problem in called.err


def test_a_number_of_thousands_of_digits_is_none(call: Call, tmp_path: Path) -> None:
    data = ("--task", "mnli", "--data", write_mnli(tmp_path / "data", 10), "--out", tmp_path / "subsets")
    called = call("data", "nested", *data, "--sizes", "9" * 5000)
    assert called.code != 0
    assert called.err.startswith("error: cannot read --sizes 999") and len(called.err) < 400


def test_a_twin_does_not_replace_what_it_is_the_twin_of(call: Call, tmp_path: Path) -> None:
    given = tmp_path / "hard.txt"
    given.write_text("1\n2\n")
    data = ("--task", "mnli", "--data", write_mnli(tmp_path / "data", 10))
    called = call("data", "twin", *data, "--of", given, "--out", tmp_path / "." / "hard.txt")
    assert called.code != 0
    assert "the twin would replace the given subset" in called.err
    assert given.read_text() == "1\n2\n"
