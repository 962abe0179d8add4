"""What a guesser scores, computed by hand on small gold; and when a task counts as above it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.runs.made import cell_scores, scores_file
from xharness.demo.chance import ChanceStanding, chance, chances, standings
from xharness.submissions.scores_file import ScoresFile
from xharness.tasks.data import CellData
from xharness.tasks.registry import XTREME, Registry
from xharness.tasks.types.bitext_mining import Corpora
from xharness.tasks.types.extractive_qa import QuestionGold, SpanQuestion


def cell(name: str, gold: Any, examples: Any = ()) -> CellData:
    """A cell that was never on disk."""
    return CellData(Registry().task(name), "de", "test", examples, gold, "", (Path(),), (), (), "")


@pytest.mark.parametrize(
    ("name", "gold", "expected"),
    [
        ("xnli", ["neutral", "neutral", "entailment", "contradiction"], 50.0),
        ("pawsx", ["0", "1", "1"], 200 / 3),
        # VERB everywhere: the first sentence is one span of its own, found; the other is not. P 1/2, R 1/3.
        ("udpos", [["VERB", "VERB"], ["NOUN", "DET"]], 40.0),
        # One of four sentences.
        ("tatoeba", [3, 2, 1, 0], 25.0),
    ],
)
def test_by_hand(name: str, gold: Any, expected: float) -> None:
    assert chance(cell(name, gold)) == pytest.approx(expected)


def test_mining_by_hand() -> None:
    """Of 4 guesses for 2 pairs among 5 sentences 2/5 are right: precision 1/10, recall 1/5."""
    corpora = Corpora(tuple((f"de-{i}", "") for i in range(4)), tuple((f"en-{i}", "") for i in range(5)))
    gold = [("de-0", "en-3"), ("de-2", "en-1")]
    assert chance(cell("bucc2018", gold, [corpora])) == pytest.approx(100 * 2 * 0.1 * 0.2 / (0.1 + 0.2))


@pytest.mark.parametrize(("answer", "expected"), [("x", 100.0), ("y", 0.0)])
def test_a_stretch_of_a_single_letter_is_that_letter(answer: str, expected: float) -> None:
    examples, gold = [SpanQuestion("1", "?", "x")], [QuestionGold("1", (answer,), "1")]
    assert chance(cell("xquad", gold, examples)) == expected


def test_a_stretch_is_one_to_three_words() -> None:
    """All words are the answer: stretches of two have precision 1/2, of three 1/3, and neither matches exactly."""
    examples, gold = [SpanQuestion("1", "?", "so " * 20)], [QuestionGold("1", ("so",), "1")]
    found = chance(cell("xquad", gold, examples))
    assert found == chance(cell("xquad", gold, examples))
    assert 100 * (0 + 1 / 2) / 2 < found < 100


def test_every_cell_has_its_chance(demo: Demo) -> None:
    found = chances(demo.data)
    assert {name: tuple(cells) for name, cells in found.items()} == {k: tuple(v) for k, v in XTREME.languages.items()}
    assert all(0 <= score < 100 for cells in found.values() for score in cells.values())
    assert {round(score, 3) for score in found["tatoeba"].values()} == {16.667}


def scores(average: tuple[float, float]) -> ScoresFile:
    """Scores of one task with that interval of its average; German is sure, English and French are not."""
    intervals = {"en": (40.0, 60.0), "de": (51.0, 80.0), "fr": (50.0, 70.0)}
    cells = {code: cell_scores(sum(bounds) / 2, bounds) for code, bounds in intervals.items()}
    return scores_file({"pawsx": cells}, average, 58.5)


def test_above_chance_is_an_interval_above_it() -> None:
    guessed = {"pawsx": {"en": 50.0, "de": 50.0, "fr": 50.0}}
    (one,) = standings(scores((52.0, 64.0)), guessed)
    assert one == ChanceStanding("pawsx", 58.5, (52.0, 64.0), 50.0, 50.0, ("de",), ("en", "fr"))
    assert one.above_chance
    (other,) = standings(scores((49.0, 64.0)), guessed)
    assert not other.above_chance
