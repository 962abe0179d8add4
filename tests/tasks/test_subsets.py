"""Subsets: nested, in proportion, the same everywhere; by fact and by list."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tasks.readers.made_up import write
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.subsets import select, take, where
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA, SpanQuestion
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE, ChoiceQuestion
from xharness.tasks.types.tagging import TAGGING, TaggedSentence
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION, SentencePair

PAIRS = [
    SentencePair(str(k), "a", "b", "x" if k % 10 else "y", {"round": f"R{k % 3 + 1}"} if k % 2 else {})
    for k in range(300)
]


def test_proportions_and_nesting() -> None:
    sizes = (1, 10, 30, 100, 299, 300)
    chosen = [take(PAIRS, n, seed=7, stratum=TEXT_CLASSIFICATION.stratum) for n in sizes]
    for n, subset in zip(sizes, chosen, strict=True):
        assert len(subset) == n
        assert abs(Counter(pair.label for pair in subset)["y"] - n / 10) <= 1
    for smaller, larger in pairwise(chosen):
        assert {pair.id for pair in smaller} < {pair.id for pair in larger}
    assert chosen[-1] == PAIRS


def test_seeds_differ_and_the_draw_is_the_same_on_every_machine() -> None:
    assert [pair.id for pair in take(PAIRS, 8, seed=1, stratum=TEXT_CLASSIFICATION.stratum)] == [
        pair.id for pair in take(PAIRS, 8, seed=1, stratum=TEXT_CLASSIFICATION.stratum)
    ]
    assert take(PAIRS, 30, seed=1, stratum=TEXT_CLASSIFICATION.stratum) != take(
        PAIRS, 30, seed=2, stratum=TEXT_CLASSIFICATION.stratum
    )
    assert [
        pair.id for pair in take(PAIRS, 8, seed=42, stratum=TEXT_CLASSIFICATION.stratum)
    ] == "34 36 44 183 199 200 274 283".split()


def test_the_order_of_the_file_does_not_matter() -> None:
    drawn = {pair.id for pair in take(PAIRS, 50, seed=3, stratum=TEXT_CLASSIFICATION.stratum)}
    assert {pair.id for pair in take(PAIRS[::-1], 50, seed=3, stratum=TEXT_CLASSIFICATION.stratum)} == drawn
    assert take(PAIRS, 50, seed=3, stratum=TEXT_CLASSIFICATION.stratum) == sorted(
        take(PAIRS, 50, seed=3, stratum=TEXT_CLASSIFICATION.stratum), key=lambda pair: int(pair.id)
    )


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=60), st.integers(0, 5))
def test_every_prefix_of_every_set_nests(labels: list[str], seed: int) -> None:
    pairs = [SentencePair(str(k % 40), "", "", label) for k, label in enumerate(labels)]
    previous: set[int] = set()
    for n in range(1, len(pairs) + 1):
        places = {id(pair) for pair in take(pairs, n, seed, stratum=TEXT_CLASSIFICATION.stratum)}
        assert len(places) == n
        assert previous < places
        previous = places


@pytest.mark.parametrize("n", [0, -1, 301])
def test_a_number_that_cannot_be(n: int) -> None:
    with pytest.raises(UserError, match=f"cannot take {n} examples"):
        take(PAIRS, n, seed=0, stratum=TEXT_CLASSIFICATION.stratum)


def test_strata() -> None:
    assert MULTIPLE_CHOICE.stratum(ChoiceQuestion("1", "", "q", ("a", "b"), 1)) == "1"
    assert TAGGING.stratum(TaggedSentence("1", ("a",), ("X",))) == ""
    assert EXTRACTIVE_QA.stratum(SpanQuestion("1", "q", "c", (), {"answerable": "no"})) == "no"


def test_where() -> None:
    assert [pair.id for pair in where(PAIRS, "round = R2")][:3] == ["1", "7", "13"]
    for wrong, fix in [("round", "round=R2"), ("rond=R2", "did you mean 'round'"), ("round=R9", "R1")]:
        with pytest.raises(UserError) as caught:
            where(PAIRS, wrong)
        assert fix in caught.value.fix
    with pytest.raises(UserError, match="cannot select by 'round'"):
        where(PAIRS[:1], "round=R2")


def test_select(tmp_path: Path) -> None:
    chosen = select(PAIRS, write(tmp_path / "ids", "\ufeff12\r\n\n 3\n"))
    assert [pair.id for pair in chosen] == ["3", "12"]


def test_select_lists_every_wrong_id(tmp_path: Path) -> None:
    with pytest.raises(BadFiles) as caught:
        select(PAIRS, write(tmp_path / "ids", "3\nx\n3\ny\n"))
    assert [(problem.line, problem.what) for problem in caught.value.problems] == [
        (2, "no example has the id 'x'"),
        (3, "id '3' is there twice, first on line 1"),
        (4, "no example has the id 'y'"),
    ]
    with pytest.raises(UserError, match="lists no id"):
        select(PAIRS, write(tmp_path / "ids", "\n"))
    with pytest.raises(BadFiles):
        select(PAIRS, tmp_path / "none")
