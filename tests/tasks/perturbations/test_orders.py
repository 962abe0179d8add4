"""Drawn orders, cut texts, and how far words moved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xharness.tasks.perturbations.catalogue import WORD_ORDER
from xharness.tasks.perturbations.displacement import UNMOVED, displacement, mean_displacement
from xharness.tasks.perturbations.policy import ChangedText, LabelPolicy
from xharness.tasks.perturbations.text_words import pieces


@given(count=st.integers(0, 30), seed=st.integers(0, 99), size=st.integers(1, 5))
def test_every_kind_keeps_its_word(count: int, seed: int, size: int) -> None:
    drawn = {name: kind.draw(count, size, Random(seed)) for name, kind in WORD_ORDER.items()}
    assert all(sorted(order) == list(range(count)) for order in drawn.values())
    assert all(place != old for place, old in enumerate(drawn["derangement"])) or count < 2
    assert all(abs(place - old) <= size for place, old in enumerate(drawn["window"]))
    assert drawn["reversal"] == list(range(count))[::-1]
    blocks = [drawn["ngram"].index(start) for start in range(0, count, size)]
    for start, place in zip(range(0, count, size), blocks, strict=True):
        block = list(range(start, min(start + size, count)))
        assert drawn["ngram"][place : place + len(block)] == block
    again = {name: kind.draw(count, size, Random(seed)) for name, kind in WORD_ORDER.items()}
    assert again == drawn


@given(text=st.text(max_size=60), language=st.sampled_from(["en", "zh", "th"]))
def test_a_text_is_its_pieces(text: str, language: str) -> None:
    cut = pieces(text, language)
    assert cut.joined(range(len(cut.words))) == text
    assert len(cut.gaps) == len(cut.words) + 1


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ('Well, I wasn\'t  "there".', "en", ["Well", "I", "wasn't", "there"]),
        ("a - b $5 (c)", "en", ["a", "b", "$5", "c"]),
        ("我在2024年用GPT，好。", "zh", ["我", "在", "2024", "年", "用", "GPT", "好"]),
        ("ที่นี่", "th", ["ที่", "นี่"]),
        ("...", "en", []),
    ],
)
def test_words_have_no_marks_at_their_ends(text: str, language: str, words: Sequence[str]) -> None:
    assert pieces(text, language).words == words


def test_marks_keep_their_place() -> None:
    changed = WORD_ORDER["reversal"].change("Well, I was (not) there!", "en", 0, Random(0))
    assert changed == ChangedText("there, not was (I) Well!", [4, 3, 2, 1, 0], 5)
    assert {kind.policy for kind in WORD_ORDER.values()} == {LabelPolicy.UNDEFINED}
    assert "omega-max" in LabelPolicy.UNDEFINED.measures
    assert "omega-max" not in LabelPolicy.KEPT.measures


@given(order=st.permutations(range(7)))
def test_displacement_by_its_definition(order: Sequence[int]) -> None:
    found, size = displacement(order), len(order)
    new = {old: place for place, old in enumerate(order)}
    pairs = list(combinations(range(size), 2))
    agreeing = sum(new[one] < new[other] for one, other in pairs)
    assert found.tau == pytest.approx(2 * agreeing / len(pairs) - 1)
    assert found.index == pytest.approx(sum(abs(new[old] - old) for old in range(size)) / size**2)
    assert found.neighbours == pytest.approx(sum(new[old + 1] != new[old] + 1 for old in range(size - 1)) / (size - 1))


def test_displacement_of_what_is_left_and_of_nothing() -> None:
    assert displacement([0, 4, 9]) == UNMOVED
    assert displacement([5]) == mean_displacement([]) == mean_displacement([[3]]) == UNMOVED
    assert mean_displacement([[0, 1], [1, 0], [0]]).tau == 0
