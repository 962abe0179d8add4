"""The vote over copies of a text: how copies are drawn, who wins, and that a vote of one is a plain answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Tiny
from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.predict.smoothing import Smoothing
from xharness.predict.text_classification import _winner, classify, vote
from xharness.tasks.synonyms import Synonyms
from xharness.tasks.types.text_classification import SentencePair

WORDS = Synonyms({"ba": ("lu", "mi"), "ko": ("gi",)}, "")
LABELS = ("a", "b", "c")
PAIRS = [SentencePair(str(n), f"ba ko dar {'tus ' * n}", "Ko mi" if n % 2 else "ne") for n in range(12)]


@pytest.fixture
def loaded(tiny: Tiny) -> Loaded:
    return load(inspect(tiny("bert", "sequence")), Head.SEQUENCE, Device("cpu", "fp32"))


def test_copies_depend_on_seed_and_text_alone() -> None:
    pair = SentencePair("1", "Ba ko dar", "ko ba")
    copies = list(Smoothing(WORDS, 40, 3).copies(pair))
    assert copies == list(Smoothing(WORDS, 40, 3).copies(SentencePair("other id", pair.first, pair.second, "label")))
    assert copies[:7] == list(Smoothing(WORDS, 7, 3).copies(pair))  # fewer votes are a part of more
    assert copies != list(Smoothing(WORDS, 40, 4).copies(pair))
    assert {first.split()[0] for first, _ in copies} == {"Ba", "Lu", "Mi"}
    assert {first.split()[2] for first, _ in copies} == {"dar"}
    one_text = list(Smoothing(WORDS, 2, 3).copies(SentencePair("1", "ba", None)))
    assert [second for _, second in one_text] == [None, None]


@pytest.mark.parametrize(
    ("chances", "copies", "winner"),
    [
        ([[0.6, 0.3, 0.1], [0.1, 0.8, 0.1]], {0: 2, 1: 1}, 0),  # most votes, though the mean says otherwise
        ([[0.6, 0.3, 0.1], [0.1, 0.8, 0.1]], {0: 1, 1: 1}, 1),  # a tie: the higher mean probability
        ([[0.0, 0.4, 0.6], [0.0, 0.6, 0.4]], {0: 1, 1: 1}, 1),  # equal there, too: the first output
        ([[0.4, 0.3, 0.3], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]], {0: 2, 2: 2}, 0),  # others' copies say nothing
    ],
)
def test_who_wins(chances: list[list[float]], copies: dict[int, int], winner: int) -> None:
    assert _winner(copies, np.array(chances)) == winner


def test_the_vote_is_that_of_the_copies_one_by_one(loaded: Loaded) -> None:
    smoothing = Smoothing(WORDS, 9, 1)
    found, _ = vote(loaded, PAIRS, LABELS, smoothing, max_length=64, batch_tokens=256)
    for pair, label in zip(PAIRS, found, strict=True):
        copies = [SentencePair("", *texts) for texts in smoothing.copies(pair)]
        each, _ = classify(loaded, copies, LABELS, max_length=64, batch_tokens=256)
        most = max(map(each.count, each))
        assert each.count(label) == most


def test_without_a_listed_word_it_is_the_plain_answer(loaded: Loaded) -> None:
    other = Synonyms({"nowhere": ("else",)}, "")
    plain, whole = classify(loaded, PAIRS, LABELS, max_length=64, batch_tokens=256)
    found, spent = vote(loaded, PAIRS, LABELS, Smoothing(other, 15, 0), max_length=64, batch_tokens=256)
    assert found == plain
    assert spent.tokens == whole.tokens  # equal copies are computed once


def test_answers_do_not_depend_on_the_other_texts_or_the_batch(loaded: Loaded, tmp_path: Path) -> None:
    smoothing = Smoothing(WORDS, 5, 0)
    whole, _ = vote(loaded, PAIRS, LABELS, smoothing, max_length=64, batch_tokens=4096)
    turned, _ = vote(loaded, PAIRS[::-1], LABELS, smoothing, max_length=64, batch_tokens=64)
    assert turned[::-1] == whole
