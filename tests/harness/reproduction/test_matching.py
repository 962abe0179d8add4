"""How far forks are from published values, on numbers that were worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xharness.reproduction.forks import Fork
from xharness.reproduction.matching import ComparedResult, compare_with
from xharness.reproduction.published import PublishedResult
from xharness.tasks.tatoeba import TASK as TATOEBA
from xharness.tasks.xnli import TASK as XNLI

VECTORS = {"layer": "12", "blocks": "12", "pooling": "mean", "prompt": ""}
PUBLISHED = PublishedResult(
    "tatoeba", "m", "them", "there", order="de sw th", values={"accuracy_to_english": (98.0, 76.0, 91.0)},
    protocol={"layer": "last", "pooling": "mean", "prompt": "query: ", "precision": "fp16"},
)  # fmt: skip
OFFICIAL = Fork("score", VECTORS, {"de": 96.0, "sw": 80.0}, {"de": (95.0, 97.0), "sw": (75.0, 85.0)}, usual=True)
PLAIN = Fork("accuracy_to_english", VECTORS, {"de": 98.5, "sw": 76.5}, {"de": (97.0, 99.0), "sw": None})
PROMPTED = Fork("accuracy_to_english", VECTORS | {"prompt": "query: "}, {"de": 97.0, "sw": 70.0})
EARLY = Fork("accuracy_to_english", VECTORS | {"layer": "11", "prompt": "query: "}, {"de": 97.9, "sw": 76.1})


def compared(*forks: Fork, result: PublishedResult = PUBLISHED) -> ComparedResult:
    (found,) = compare_with(result, forks, TATOEBA)
    return found


def test_the_nearest_and_the_stated_protocol_are_told_apart() -> None:
    found = compared(OFFICIAL, PROMPTED, PLAIN)
    assert found.languages == ["de", "sw"]
    assert found.published == 87.0
    assert [match.fork for match in found.matches] == [PLAIN, OFFICIAL, PROMPTED]
    assert [match.distance for match in found.matches] == [0.5, 3.0, 3.5]
    assert [match.difference for match in found.matches] == [0.5, 1.0, -3.5]
    assert found.matches[1].farthest == ("sw", 4.0)
    assert [(match.inside, match.with_interval) for match in found.matches] == [(1, 1), (1, 2), (0, 0)]
    assert found.usual is found.matches[1]
    assert found.stated is found.matches[2]
    assert not found.confirmed
    assert found.not_varied == {"precision": "fp16"}


def test_last_is_the_models_last_block_and_no_other() -> None:
    found = compared(EARLY)
    assert found.stated is None
    assert compared(EARLY, PROMPTED).stated.fork is PROMPTED  # type: ignore[union-attr]


def test_forks_as_near_as_the_nearest_are_told() -> None:
    twin = replace(PLAIN, vectors=VECTORS | {"pooling": "cls"})
    assert [match.fork for match in compared(PLAIN, twin, PROMPTED).nearest] == [twin, PLAIN]


def test_a_language_that_nobody_published_counts_nothing() -> None:
    found = compared(Fork("score", VECTORS, {"fi": 10.0, "th": 90.0}))
    assert (found.languages, found.published, found.matches[0].own) == (["th"], 91.0, 90.0)
    assert not compared(Fork("score", VECTORS, {"fi": 10.0})).matches


@pytest.mark.parametrize("missing", [0, 1])
def test_an_average_is_compared_only_over_all_languages(missing: int) -> None:
    result = PublishedResult("xnli", "m", "them", "there", averages={"accuracy": 75.0}, protocol={"training": "en"})
    scores = dict.fromkeys(XNLI.languages[missing:], 70.0)
    (found,) = compare_with(result, [Fork("score", {}, scores, usual=True)], XNLI)
    assert [match.difference for match in found.matches] == ([] if missing else [-5.0])
    assert (found.stated is None) == bool(missing)  # accuracy is xnli's score
