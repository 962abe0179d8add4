"""Sentences in the order of another language: exact, the same a second time, and as measured on parallel treebanks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tasks.perturbations.grown import DOG, HUND, tree
from xharness.tasks.common.errors import UserError
from xharness.tasks.perturbations.displacement import mean_displacement
from xharness.tasks.perturbations.policy import Punctuation
from xharness.tasks.perturbations.typical_order import TypicalOrder, best_order, reordered, typical_order
from xharness.tasks.readers.trees import Tree, read_trees


def in_order(sentence: Tree, order: Sequence[int]) -> Tree:
    """The tree with its words in another order; those that are left out had no dependents."""
    new = {old: place for place, old in enumerate(order)}
    words = [replace(sentence.words[old], token=-1) for old in order]
    return Tree([replace(word, head=new.get(word.head, -1)) for word in words])


def test_the_verb_goes_where_the_other_language_has_it(tmp_path: Path) -> None:
    dog, verb_last = tree(tmp_path, DOG), typical_order([tree(tmp_path, HUND)])
    texts = {kind: dog.written(reordered(dog, verb_last, kind)) for kind in Punctuation}
    assert texts == dict.fromkeys(("head", "edge"), "The dog a black cat sees.") | {"drop": "The dog a black cat sees"}
    assert reordered(dog, TypicalOrder({}), Punctuation.EDGE) == list(range(7))  # nothing is known: nothing moves


def test_marks_inside_go_with_the_phrase_before_or_stay_at_their_head(tmp_path: Path) -> None:
    sentence = tree(
        tmp_path,
        """
        Today ADV 4 advmod -
        , PUNCT 4 punct
        dogs NOUN 4 nsubj
        run VERB 0 root
        ( PUNCT 4 punct -
        fast ADV 4 advmod:manner -
        ) PUNCT 4 punct -
        . PUNCT 4 punct""",
    )
    order = TypicalOrder({"root": {("", "advmod"): 9, ("advmod:manner", ""): 9}})
    assert sentence.written(reordered(sentence, order, Punctuation.EDGE)) == "dogs (fast run Today,)."
    assert sentence.written(reordered(sentence, order, Punctuation.HEAD)) == "dogs fast, run () Today."


def test_a_preference_needs_its_share() -> None:
    order = TypicalOrder({"root": {("a", "b"): 8, ("b", "a"): 2, ("c", "a"): 7, ("a", "c"): 3}})
    assert (order.prefers("root", "a", "b"), order.prefers("root", "b", "a")) == (1, -1)
    assert (order.prefers("root", "c", "a"), order.prefers("obj", "a", "b"), order.prefers("root", "x", "y")) == (
        0,
        0,
        0,
    )


@given(
    names=st.lists(st.sampled_from("abcde"), min_size=1, max_size=7),
    counts=st.dictionaries(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), st.integers(0, 9)),
)
def test_no_order_is_better(names: list[str], counts: dict[tuple[str, str], int]) -> None:
    """Against all orders: pairs in the language's order first, then old ones where it has none, then old ones."""
    order, old = TypicalOrder({"root": counts}), tuple(dict.fromkeys(names))

    def worth(candidate: Sequence[str]) -> tuple[int, int, int]:
        pairs = [(a, b) for place, a in enumerate(candidate) for b in candidate[place + 1 :]]
        wanted = [order.prefers("root", a, b) for a, b in pairs]
        kept = [old.index(a) < old.index(b) for a, b in pairs]
        free = [is_kept for is_kept, want in zip(kept, wanted, strict=True) if not want]
        return wanted.count(1), sum(free), sum(kept)

    found = best_order(names, "root", order)
    assert worth(found) == max(map(worth, permutations(old)))
    assert best_order(found, "root", order) == found


def test_too_many_relations_are_refused() -> None:
    with pytest.raises(UserError, match="a head with 17 different relations"):
        best_order([str(number) for number in range(17)], "root", TypicalOrder({}))


def shares(sentences: Sequence[Tree], orders: Sequence[Sequence[int]]) -> dict[str, float]:
    """Of dependents of a relation, how many stand before their head."""
    before: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for sentence, order in zip(sentences, orders, strict=True):
        new = {old: place for place, old in enumerate(order)}
        for place, word in enumerate(sentence.words):
            every[word.relation] += 1
            before[word.relation] += word.head >= 0 and place in new and new[place] < new[word.head]
    return {name: before[name] / every[name] for name in ("obj", "case", "amod", "nmod")}


@pytest.fixture(scope="module")
def parallel(shared_data: Path) -> dict[str, list[Tree]]:
    files = {code: shared_data / "ud_pud" / f"{code}_pud-ud-test.conllu" for code in ("en", "hi", "de")}
    return {code: read_trees(path)[0] for code, path in files.items()}


MEASURED = {  # obj, case, amod and nmod before their heads; tau and DND
    "hi": ((0.978, 0.014, 0.996, 0.739), 0.48, 0.65),
    "de": ((0.466, 0.967, 1.00, 0.000), 0.85, 0.27),
}
"""English of the second 500 sentences in the order of the first 500 of another language, as a prototype had it."""


@pytest.mark.shared_data
@pytest.mark.parametrize("language", MEASURED)
def test_english_in_the_order_of_others(parallel: dict[str, list[Tree]], language: str) -> None:
    english = parallel["en"][500:]
    order = typical_order(parallel[language][:500])
    orders = [reordered(each, order, Punctuation.HEAD) for each in english]
    wanted, tau, neighbours = MEASURED[language]
    assert list(shares(english, orders).values()) == pytest.approx(wanted, abs=0.006)
    moved = mean_displacement(orders)
    assert moved.tau == pytest.approx(tau, abs=0.01)
    assert moved.neighbours == pytest.approx(neighbours, abs=0.02)
    again = [in_order(each, found) for each, found in zip(english, orders, strict=True)]
    assert all(reordered(each, order, Punctuation.HEAD) == list(range(len(each.words))) for each in again)


@pytest.mark.shared_data
def test_english_in_its_own_order_is_not_what_it_was(parallel: dict[str, list[Tree]]) -> None:
    """The control: rare orders become usual ones, in 358 of 500 sentences, and in 238 without punctuation."""
    english, order = parallel["en"][500:], typical_order(parallel["en"][:500])
    orders = [reordered(each, order, Punctuation.HEAD) for each in english]
    assert sum(found != sorted(found) for found in orders) == 358
    assert mean_displacement(orders).tau == pytest.approx(0.89, abs=0.01)
    bare = [reordered(each, order, Punctuation.DROP) for each in english]
    assert sum(found != sorted(found) for found in bare) == 238
