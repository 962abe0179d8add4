"""In which order a language puts the parts of a phrase, from a treebank, and other sentences put into that order.

Arviv et al. 2023 (Improving Cross-lingual Transfer through Subtree-Aware Word Reordering). At each head its dependents
and itself are ordered by their relations. There are few different relations at one head, so the best order is found
exactly, over subsets, where they use a solver.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TypeAlias

from xharness.tasks.common.errors import UserError
from xharness.tasks.perturbations.policy import Punctuation
from xharness.tasks.readers.trees import Tree

THRESHOLD = 0.8
"""Share of one direction from which on it is the language's order."""

FORCED, AS_BEFORE = 10**6, 10**3
"""Weight of a pair in the language's order, and of one in the old order where the language has none. Beside them an old
order counts 1, so that among equally good ones the nearest is taken and a second time changes nothing."""


@dataclass(frozen=True)
class TypicalOrder:
    """Counts by the relation of the head: how often one relation stands before another, the head being one of them."""

    counts: Mapping[str, Mapping[tuple[str, str], int]]

    def prefers(self, head: str, one: str, other: str) -> int:
        """1 if ``one`` comes first in the language, -1 if last, 0 if both occur or nothing is known."""
        counts = self.counts.get(head, {})
        first, last = counts.get((one, other), 0), counts.get((other, one), 0)
        wanted = THRESHOLD * (first + last)
        return 0 if not first + last else int(first >= wanted) - int(last >= wanted)


MOST = 16
"""Different relations at one head."""

HEAD = ""  # the name of a head among its dependents


def typical_order(trees: Iterable[Tree]) -> TypicalOrder:
    """Count over all heads of a treebank; marks of punctuation do not count."""
    counts: dict[str, Counter[tuple[str, str]]] = {}
    for tree in trees:
        for head, word in enumerate(tree.words):
            names = [name for _, name in parts(tree, head)]
            counts.setdefault(word.relation, Counter()).update(combinations(names, 2))
    return TypicalOrder(counts)


def parts(tree: Tree, head: int) -> list[tuple[int, str]]:
    """Places and names of a head and its dependents, in order, without punctuation."""
    dependents = [place for place in tree.children.get(head, []) if not tree.words[place].is_punctuation]
    return [(place, HEAD if place == head else tree.words[place].relation) for place in sorted((head, *dependents))]


def reordered(tree: Tree, order: TypicalOrder, punctuation: Punctuation) -> list[int]:
    """Places of the words of a sentence in the order of the language; always the same."""
    last = len(tree.words) - 1
    final = [last] if tree.words[last].is_punctuation and last != tree.root else []
    left_out = frozenset(final)
    if punctuation is Punctuation.DROP:
        return _phrase(tree, tree.root, order, punctuation, left_out)
    return [*_phrase(tree, tree.root, order, punctuation, left_out), *final]


def _phrase(
    tree: Tree, head: int, order: TypicalOrder, punctuation: Punctuation, left_out: frozenset[int]
) -> list[int]:
    """A head with all that depends on it, its marks where they belong."""
    there = parts(tree, head)
    names = best_order([name for _, name in there], tree.words[head].relation, order)
    marks = _marks(tree, head, [place for place, _ in there], punctuation, left_out)
    found = list(marks.get(START, []))
    for place in (place for name in names for place, own in there if own == name):
        inner = [head] if place == head else _phrase(tree, place, order, punctuation, left_out)
        found += [*marks.get((place, 0), []), *inner, *marks.get((place, 1), [])]
    return found + marks.get(END, [])


MarkSide: TypeAlias = tuple[int, int]  # a place, and 0 for before it or 1 for behind it
START, END = (-1, 1), (-1, 0)  # of the whole phrase


def _marks(
    tree: Tree, head: int, places: Sequence[int], punctuation: Punctuation, left_out: frozenset[int]
) -> dict[MarkSide, list[int]]:
    """The marks that depend on a head, by what they stand at in the new order."""
    found: dict[MarkSide, list[int]] = {}
    for mark in tree.children.get(head, []):
        if not tree.words[mark].is_punctuation or mark in left_out or punctuation is Punctuation.DROP:
            continue
        side = (head, int(mark > head)) if punctuation is Punctuation.HEAD else _edge(tree, mark, places)
        found.setdefault(side, []).extend(tree.below(mark))
    return found


def _edge(tree: Tree, mark: int, places: Sequence[int]) -> MarkSide:
    """The end of the whole phrase where a mark stood there; between parts it goes with the one before it, and one that
    opens (a space before it and none behind) with the one after."""
    before, after = [place for place in places if place < mark], [place for place in places if place > mark]
    if not before or not after:
        return START if after else END
    opens = not tree.words[mark].space_after and tree.words[mark - 1].space_after
    return (after[0], 0) if opens else (before[-1], 1)


def best_order(names: Sequence[str], head: str, order: TypicalOrder) -> tuple[str, ...]:
    """The different names at a head in the order of the greatest weight; equal ones go together.

    Args:
        names: In their old order.
        head: The relation of the head itself.

    Raises:
        UserError: there are more than :data:`MOST` different names.
    """
    different = tuple(dict.fromkeys(names))
    if len(different) > MOST:
        why = f"orders of more than {MOST} are not searched, and real sentences have about ten"
        raise UserError(f"a head with {len(different)} different relations", why, "leave the sentence out")
    weights = {pair: _weight(pair, different, head, order) for pair in _pairs(different)}

    @cache
    def best(left: frozenset[str]) -> tuple[int, tuple[str, ...]]:
        """Weight and order of those that are left."""
        found: tuple[int, tuple[str, ...]] = (-1, ())
        for first in (name for name in different if name in left):
            rest = left - {first}
            weight, after = best(rest)
            weight += sum(weights[first, other] for other in rest)
            found = max(found, (weight, (first, *after)), key=lambda each: each[0])
        return found if left else (0, ())

    return best(frozenset(different))[1]


def _pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(one, other) for one in names for other in names if one != other]


def _weight(pair: tuple[str, str], names: Sequence[str], head: str, order: TypicalOrder) -> int:
    """What it is worth that the first of a pair stands before the second."""
    one, other = pair
    preferred = order.prefers(head, one, other)
    as_before = names.index(one) < names.index(other)
    return FORCED * (preferred > 0) + AS_BEFORE * (as_before and not preferred) + as_before
