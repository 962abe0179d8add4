"""The perturbations by name: what each does, what it needs, and what becomes of gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from xharness.tasks.perturbations.function_words import content_words
from xharness.tasks.perturbations.orders import (
    DrawOrder,
    deranged,
    reversed_order,
    shuffled,
    shuffled_blocks,
    within_window,
)
from xharness.tasks.perturbations.policy import ChangedText, LabelPolicy, Punctuation
from xharness.tasks.perturbations.swap import swapped
from xharness.tasks.perturbations.text_words import pieces
from xharness.tasks.perturbations.typical_order import TypicalOrder, reordered
from xharness.tasks.readers.trees import Tree


@dataclass(frozen=True)
class WordOrder:
    """Words in an order that is drawn; marks of punctuation and spaces keep their places.

    Attributes:
        size: Usual value of ``--size``; 0 where there is no such thing.
        drawn: There is more than one outcome.
    """

    name: str
    title: str
    draw: DrawOrder
    size: int = 0
    drawn: bool = True
    policy: LabelPolicy = LabelPolicy.UNDEFINED

    def change(self, text: str, language: str, size: int, random: Random) -> ChangedText:
        """One text."""
        cut = pieces(text, language)
        order = self.draw(len(cut.words), size, random)
        return ChangedText(cut.joined(order), order, len(cut.words))


WORD_ORDER: Mapping[str, WordOrder] = {
    each.name: each
    for each in (
        WordOrder("unigram", "words in any order", shuffled),
        WordOrder("ngram", "runs of words in any order", shuffled_blocks, size=2),
        WordOrder("derangement", "no word in its place", deranged),
        WordOrder("window", "no word moves far", within_window, size=3),
        WordOrder("reversal", "the last word first", reversed_order, drawn=False),
    )
}


@dataclass(frozen=True)
class TreeSettings:
    """What changes of trees are made with: the language of the text, and the order of another one."""

    language: str
    order: TypicalOrder | None = None
    punctuation: Punctuation = Punctuation.EDGE


@dataclass(frozen=True)
class TreeChange:
    """A change of sentences whose dependency trees are given.

    Attributes:
        second_only: Only the second text of a pair (the hypothesis) is changed.
        ordered: It needs the order of another language.
    """

    name: str
    title: str
    policy: LabelPolicy
    second_only: bool = False
    ordered: bool = False

    def change(self, trees: Sequence[Tree], settings: TreeSettings) -> ChangedText | None:
        """One text of one or several sentences; None where it cannot be done."""
        found: ChangedText | None = None
        for tree in trees:
            order = self._order(tree, settings)
            if order is None:
                return None
            each = ChangedText(tree.written(order), order, len(tree.words))
            found = each if found is None else found + each
        return found

    def _order(self, tree: Tree, settings: TreeSettings) -> Sequence[int] | None:
        if self.ordered:
            assert settings.order is not None
            return reordered(tree, settings.order, settings.punctuation)
        return swapped(tree) if self.second_only else content_words(tree, settings.language)


TREE_CHANGES: Mapping[str, TreeChange] = {
    each.name: each
    for each in (
        TreeChange("reordering", "words in the order of another language", LabelPolicy.KEPT, ordered=True),
        TreeChange("function-words", "without function words", LabelPolicy.KEPT),
        TreeChange("subject-object", "hypothesis: subject and object exchanged", LabelPolicy.BY_RULE, second_only=True),
    )
}

NAMES = (*WORD_ORDER, *TREE_CHANGES)
