"""XTREME-R's world: every cell is read, its gold is right, and the chain on it ends in a packed folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.harness.conftest import Call, Demo
from xharness.demo.causes import items
from xharness.demo.chance import chances
from xharness.demo.make import Made, make
from xharness.demo.meaning import fitting
from xharness.tasks.data import DataFolder
from xharness.tasks.intermediate import INTERMEDIATE
from xharness.tasks.intermediate.data import load
from xharness.tasks.registry import XTREME_R, Registry

SHARE = 0.0005  # two steps of everything


def folder(demo_r: Demo) -> DataFolder:
    return DataFolder.open(demo_r.data)


def test_every_cell_is_read_with_its_gold(demo_r: Demo) -> None:
    registry, read = Registry(), 0
    for name, languages in XTREME_R.languages.items():
        for language in languages:
            cell = folder(demo_r).load(registry.task(name), language)
            assert not cell.problems, cell.problems[0]
            assert cell.gold is not None
            read += 1
    assert read == 203


def test_every_cell_has_its_chance(demo_r: Demo) -> None:
    found = chances(demo_r.data, XTREME_R)
    assert {name: tuple(cells) for name, cells in found.items()} == dict(XTREME_R.languages)
    assert all(0 <= score < 100 for cells in found.values() for score in cells.values())
    assert all(0 < score < 10 for name in ("mewslix", "lareqa") for score in found[name].values())


def test_gold_of_lareqa_is_that_of_its_reader(demo_r: Demo) -> None:
    task = Registry().task("lareqa")
    assert task.reader is not None
    for language in ("zh", "th", "en"):
        split = task.reader.read(demo_r.data / "download" / "lareqa", language, "test")
        assert split.gold == json.loads((demo_r.data / f"labels/lareqa/test-{language}.json").read_text())
        assert {len(right) for right in split.gold.values()} == {11}
        assert all(each.candidates.rows for each in split.examples)


def test_mentions_stand_in_their_sentences_and_mean_a_candidate(demo_r: Demo) -> None:
    task = Registry().task("mewslix")
    cell = folder(demo_r).load(task, "ja")
    (queries,) = cell.examples
    assert all(" { " in text and text.endswith("。") for text in queries.texts)  # type: ignore[attr-defined]
    gold: Any = cell.gold
    candidates = queries.candidates  # type: ignore[attr-defined]
    assert {entity for right in gold.values() for entity in right} <= set(candidates.rows)
    assert len(candidates.rows) == 400
    assert all(candidates.texts(range(5)))


def test_pairs_to_train_on_are_about_others_than_test(demo_r: Demo) -> None:
    path = demo_r.data / "download" / "mewslix"
    pairs = [json.loads(line) for line in (path / "wikipedia_pairs-train.jsonl").read_text().splitlines()]
    test = (path / "wikinews_mentions-test.jsonl").read_text()
    assert len(pairs) == 24
    for pair in pairs:
        mention, context = pair["contextual_mention"]["mention"], pair["contextual_mention"]["context"]
        span = mention["mention_span"]
        assert context["text"][span["start"] : span["end"]] == span["text"]
        assert context["language"] == "en"
        assert pair["entity"]["entity_id"] == mention["entity_id"]
        assert f'"{mention["entity_id"]}"' not in test


@pytest.mark.parametrize("choices", [2, 3])
def test_the_right_answer_alone_is_about_the_thing_of_the_premise(choices: int) -> None:
    made = items(Random(0), 200, choices)
    assert {item.asked for item in made} == {"cause", "effect"}
    assert {item.label for item in made} == set(range(choices))
    for item in made:
        kinds = [fitting(choice.verb) == fitting(item.premise.verb) for choice in item.choices]
        assert kinds == [place == item.label for place in range(choices)]
        right = item.choices[item.label]
        assert right.object == item.premise.object
        assert right.verb != item.premise.verb


def test_copa_is_english_and_xcopa_the_same_in_all_languages(demo_r: Demo) -> None:
    task = Registry().task("xcopa")
    data = folder(demo_r)
    assert data.languages(task, "train") == ["en"]
    assert data.holds(task, "en", "train")
    assert len({tuple(data.load(task, code).gold) for code in task.languages}) == 1  # type: ignore[arg-type]
    assert len(load(INTERMEDIATE["socialiqa"], demo_r.data).examples) == 24


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    out = tmp_path_factory.mktemp("made") / "demo"
    return out, make(out, size="tiny", version="xtreme-r", share=SHARE)


def test_the_trained_demo_has_all_ten_tasks(first: tuple[Path, Made]) -> None:
    out, made = first
    scores = made.result.scored
    assert scores.benchmark == "xtreme-r"
    assert scores.has_total
    assert set(scores.averages) == {"ten_tasks", "four_categories"}
    suite = {path.name for path in (out / "models").iterdir()}
    assert suite >= {"encoder", "xnli", "xcopa", "udpos", "panx", "xquad", "tydiqa", "lareqa"}
    names = [one.name for one in made.facts]
    assert names[:6] == ["world", "mlm", "squad_v1", "tydiqa", "xnli", "socialiqa"]
    assert names[-1] == "evaluation"
    assert all(one.seconds is not None and one.seconds > 0 for one in made.facts)


def test_it_is_packed_and_scores_the_same_without_a_model(first: tuple[Path, Made], call: Call, tmp_path: Path) -> None:
    _, made = first
    common = ("--version", "xtreme-r")
    packed = call("submission", "pack", made.run, *common, "--data", made.data, "--out", tmp_path / "s.zip")
    assert "203 of 203 files" in packed.out, packed.err
    scored = call("score", made.run, made.data / "labels", *common, "--json")
    assert scored.code == 0, scored.err
    assert official(json.loads(scored.out)) == official(made.result.scores)


def official(scores: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the official scorer's keys."""
    return {name: value for name, value in scores.items() if name != "xharness"}
