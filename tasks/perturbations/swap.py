"""Subject and object of a sentence changed places: who did it is now whom it was done to (Min et al. 2020)."""

from __future__ import annotations

from xharness.tasks.readers.trees import Tree

NOUNS = frozenset(("NOUN", "PROPN"))


def swapped(tree: Tree) -> list[int] | None:
    """Places of the words with the phrases of subject and object exchanged; None where that would not do.

    Both must be nouns that depend on the same word, be unbroken, and differ. Where one of them shows its case, by a
    feature or an adposition, the exchange would carry the case along and deny nothing: None as well.
    """
    subject, thing = (_only(tree, relation) for relation in ("nsubj", "obj"))
    if subject is None or thing is None:
        return None
    first, second = sorted((tree.below(subject), tree.below(thing)))
    if not all(_unbroken(phrase) for phrase in (first, second)) or second[0] <= first[-1]:
        return None
    if any(_shows_case(tree, place) for place in (*first, *second)) or _forms(tree, first) == _forms(tree, second):
        return None
    size = len(tree.words)
    return [*range(first[0]), *second, *range(first[-1] + 1, second[0]), *first, *range(second[-1] + 1, size)]


def _only(tree: Tree, relation: str) -> int | None:
    """The dependent of the root with a relation, if there is just one and it is a noun."""
    found = [place for place in tree.children.get(tree.root, []) if tree.words[place].relation == relation]
    return found[0] if len(found) == 1 and tree.words[found[0]].tag in NOUNS else None


def _unbroken(places: list[int]) -> bool:
    return places[-1] - places[0] + 1 == len(places)


def _shows_case(tree: Tree, place: int) -> bool:
    word = tree.words[place]
    marked = word.relation == "case" and tree.words[word.head].relation in ("nsubj", "obj")
    return marked or any(feature.startswith("Case=") for feature in word.features)


def _forms(tree: Tree, places: list[int]) -> list[str]:
    return [tree.words[place].form.lower() for place in places]
