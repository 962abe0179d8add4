"""``xharness reproduce`` as a user runs it: passes, forks, what is said, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.harness.conftest import Call, Called, Demo
from tests.sentence_models import save_sentence_model
from xharness.runs.reading import open_run

PROMPTS = {"prompts": {"query": "kupe: "}}
FILE = """
[[result]]
task = "tatoeba"
model = "tiny"
name = "them, with a prompt"
source = "made up"
protocol = { layer = "last", pooling = "mean", prompt = "kupe: ", scorer = "theirs" }
order = "de sw"
values = { accuracy_to_english = [VALUES] }

[[result]]
task = "xnli"
model = "tiny"
name = "table 1"
source = "made up"
averages = { accuracy = 40.0 }
"""


@pytest.fixture
def model(tiny: Tiny, tmp_path: Path) -> Path:
    return save_sentence_model(tiny("bert", "encoder", layers=3), tmp_path / "tiny", prompts=PROMPTS)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    file = tmp_path / "published.toml"
    file.write_text(FILE.replace("VALUES", "50.0, 60.0"))
    return file


def reproduce(call: Call, task: str, model: Path, data: Path, out: Path, *more: object) -> Called:
    return call("reproduce", task, "--model", model, "--data", data, "--out", out, "--device", "cpu", *more)


def test_every_fork_is_what_an_evaluation_of_it_says(
    call: Call, demo: Demo, model: Path, published: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    few = "--langs", "de,sw", "--published", published
    told = reproduce(call, "tatoeba", model, demo.data, out, *few, "--json")
    assert told.code == 0, told.err
    (found,) = json.loads(told.out)["comparisons"]
    forks = {(fork["measure"], fork["layer"], fork["prompt"]): fork for fork in found["forks"]}
    assert len(forks) == len(found["forks"]) == 2 * (2 * 3 + 1)  # prompts, both directions by block, and MTEB's F1
    assert sorted(path.name for path in out.iterdir()) == ["mean-kupe", "mean-no-prompt"]
    options = "--tasks", "tatoeba", "--langs", "de,sw", "--device", "cpu"
    for layer, prompt in (("2", "none"), ("3", "query")):
        run = tmp_path / f"{layer}-{prompt}"
        pooling = ("--layer", layer, "--prompt", prompt)
        assert not call("evaluate", "--model", model, "--data", demo.data, "--out", run, *options, *pooling).code
        cells = open_run(run).scores.cells["tatoeba"]
        said = {"none": "", "query": "kupe: "}[prompt]
        for measure, values in (
            ("score", [cell.score for cell in cells.values()]),
            ("accuracy_to_english", [cell.variants["accuracy_to_english"] for cell in cells.values()]),
        ):
            fork = forks[measure, layer, said]
            assert fork["own"] == pytest.approx(sum(values) / 2)
            assert fork["distance"] == pytest.approx((abs(values[0] - 50) + abs(values[1] - 60)) / 2)
    assert found["stated"] == forks["accuracy_to_english", "3", "kupe: "]
    assert [key for key, fork in forks.items() if fork["usual"]] == [("score", "3", "")]


def test_the_same_command_computes_nothing_again_and_shows_tables(
    call: Call, demo: Demo, model: Path, published: Path, tmp_path: Path
) -> None:
    out, few = tmp_path / "out", ("--langs", "de,sw", "--published", published)
    first = reproduce(call, "tatoeba", model, demo.data, out, *few)
    assert first.code == 0, first.err
    before = {path: path.stat().st_mtime_ns for path in out.rglob("predictions/**/*") if path.is_file()}
    again = reproduce(call, "tatoeba", model, demo.data, out, *few)
    assert again.out == first.out
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert "them, with a prompt: accuracy to english 55.00 (2 languages)" in first.out
    assert first.out.count("as published") == 1
    assert first.out.count("as evaluate prints") == 1
    assert "not tried in another way: scorer theirs" in first.out
    assert "them, with a prompt: made up" in first.out


def test_prompts_that_differ_in_a_mark_or_in_script_have_runs_of_their_own(
    call: Call, demo: Demo, model: Path, published: Path, tmp_path: Path
) -> None:
    more = [word for prompt in ("kupe:", "ку: ", "!: ") for word in ("--prompt", prompt)]
    few = "--langs", "de", "--published", published, "--limit", 4
    told = reproduce(call, "tatoeba", model, demo.data, tmp_path / "out", *few, *more)
    assert told.code == 0, told.err
    assert len([*(tmp_path / "out").iterdir()]) == 5


def test_an_average_that_cannot_be_compared_says_why(
    call: Call, tiny: Tiny, demo: Demo, published: Path, tmp_path: Path
) -> None:
    classifier = tiny("bert", "sequence", ("entailment", "neutral", "contradiction"))
    named: list[Any] = ["--published", published, "--published-as", "tiny"]
    told = reproduce(call, "xnli", classifier, demo.data, tmp_path / "out", *named, "--langs", "de", "--limit", 4)
    assert told.code == 0, told.err
    assert "table 1, accuracy: 40.00 cannot be compared: it is an average over 15 languages" in " ".join(
        told.out.split()
    )


def test_ways_to_make_vectors_are_refused_where_there_are_none(
    call: Call, tiny: Tiny, demo: Demo, published: Path, tmp_path: Path
) -> None:
    classifier = tiny("bert", "sequence", ("entailment", "neutral", "contradiction"))
    named: list[Any] = ["--published", published, "--published-as", "tiny"]
    told = reproduce(call, "xnli", classifier, demo.data, tmp_path / "out", *named, "--prompt", "query: ")
    assert (told.code, "--prompt with xnli" in told.err) == (1, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("task", "more", "said"),
    [
        ("tatoeba", (), "no published result of tiny on tatoeba"),
        ("tatoeba", ("--published-as", "multilingual-e5-smal"), "did you mean 'multilingual-e5-small'"),
        ("retrieval", (), "'retrieval' is not one task"),
        ("tatoeba", ("--published", "nothing.toml"), "cannot read nothing.toml"),
        ("xnli", (), "cannot evaluate xnli"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_runs(
    call: Call, demo: Demo, model: Path, tmp_path: Path, task: str, more: tuple[str, ...], said: str
) -> None:
    told = reproduce(call, task, model, demo.data, tmp_path / "out", *more)
    assert told.code != 0
    assert said in told.err
    assert "Traceback" not in told.err
    assert not (tmp_path / "out").exists()
