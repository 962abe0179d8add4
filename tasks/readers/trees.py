"""Dependency trees from CoNLL-U: syntactic words with their heads, and where spaces stood between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.conllu import FORM, HEAD, ID, UPOS, Row, sentence_rows, word_range
from xharness.tasks.readers.dependencies import DEPREL
from xharness.tasks.readers.lines import read_lines
from xharness.tasks.types.bitext_retrieval import MOST_DIGITS

FEATURES, MISC = 5, 9
NO_SPACE = "SpaceAfter=No"
PUNCTUATION = "PUNCT"
DEEPEST = 200  # words from the root down; no real sentence comes near


@dataclass(frozen=True, slots=True)
class Word:
    """One syntactic word.

    Attributes:
        head: Place of its head in the sentence, from 0; -1 for the root.
        relation: With its subtype (``nmod:poss``).
        features: As they stand (``Polarity=Neg``).
        space_after: A space stood behind it, or the sentence ended.
        token: Place of the multi-word token that it is a part of; -1 for a word of its own.
    """

    form: str
    tag: str
    head: int
    relation: str
    features: frozenset[str] = frozenset()
    space_after: bool = True
    token: int = -1

    @property
    def is_punctuation(self) -> bool:
        """By its universal tag."""
        return self.tag == PUNCTUATION


@dataclass(frozen=True)
class MultiWordToken:
    """A multi-word token: what stands in the text for the words from ``first`` to before ``end``."""

    form: str
    first: int
    end: int
    space_after: bool


@dataclass(frozen=True)
class Tree:
    """One sentence: a projective or non-projective tree over its words."""

    words: Sequence[Word]
    tokens: Sequence[MultiWordToken] = field(default=())

    @cached_property
    def children(self) -> Mapping[int, list[int]]:
        """Places of the dependents of each head, in order; those of -1 are the root."""
        found: dict[int, list[int]] = {}
        for place, word in enumerate(self.words):
            found.setdefault(word.head, []).append(place)
        return found

    @property
    def root(self) -> int:
        """Its place."""
        return self.children[-1][0]

    def below(self, place: int) -> list[int]:
        """A word and all that depends on it, in order."""
        found, open_ends = [], [place]
        while open_ends:
            found.append(open_ends.pop())
            open_ends += self.children.get(found[-1], [])
        return sorted(found)

    @cached_property
    def text(self) -> str:
        """As it was written."""
        return self.written(range(len(self.words)))

    def written(self, order: Sequence[int]) -> str:
        """The text of some words in some order.

        Words that were neighbours are joined as they were, the parts of a whole multi-word token by its form. Between
        others a space stands, unless the language writes none, or a mark of punctuation clings to its side.
        """
        pieces: list[str] = []
        place = 0
        while place < len(order):
            form, taken = self._piece(order[place:])
            after = order[place + taken] if place + taken < len(order) else None
            pieces += [form, "" if after is None or not self._space(order[place + taken - 1], after) else " "]
            place += taken
        return "".join(pieces)

    def _piece(self, rest: Sequence[int]) -> tuple[str, int]:
        """What is written next, and for how many words it stands."""
        word = self.words[rest[0]]
        if word.token >= 0:
            token = self.tokens[word.token]
            members = list(range(token.first, token.end))
            if list(rest[: len(members)]) == members:
                return token.form, len(members)
        return word.form, 1

    def _space(self, one: int, other: int) -> bool:
        first, second = self.words[one], self.words[other]
        if other == one + 1:
            return self._written_space(one)
        opened = self.words[one + 1] if one + 1 < len(self.words) else second
        if first.is_punctuation and not first.space_after and not opened.is_punctuation:
            return False  # it opened what followed
        clings = second.is_punctuation and other > 0 and not self._written_space(other - 1)
        return not clings and self._has_spaces

    def _written_space(self, place: int) -> bool:
        """Whether a space stood behind a word; a multi-word token tells it for its last part."""
        word = self.words[place]
        if word.token < 0:
            return word.space_after
        token = self.tokens[word.token]
        return token.space_after if place == token.end - 1 else True

    @cached_property
    def _has_spaces(self) -> bool:
        """Whether most words that are no punctuation are set apart."""
        gaps = [
            self._written_space(place)
            for place in range(len(self.words) - 1)
            if not self.words[place].is_punctuation and not self.words[place + 1].is_punctuation
        ]
        return 2 * sum(gaps) >= len(gaps)


def read_trees(path: Path) -> tuple[list[Tree], list[Problem]]:
    """All sentences of a file; one with a malformed row, or that is no tree, is a problem and left out."""
    lines, problems = read_lines(path)
    trees = []
    for rows in sentence_rows(path, lines, problems):
        before = len(problems)
        tree = _tree(path, rows, problems) if rows else None
        if tree is not None and len(problems) == before:
            problems += _not_a_tree(path, rows[0][0], tree)
        if tree is not None and len(problems) == before:
            trees.append(tree)
    return trees, sorted(problems)


def _tree(path: Path, rows: Sequence[Row], problems: list[Problem]) -> Tree:
    words: list[Word] = []
    tokens: list[MultiWordToken] = []
    for number, columns in rows:
        name, spaced = columns[ID], NO_SPACE not in columns[MISC].split("|")
        if "-" in name:
            members = word_range(name)
            if not members or members[0] != len(words) + 1:
                problems.append(Problem(path, number, f"'{name}' is not a range of the words that follow"))
            tokens.append(MultiWordToken(columns[FORM], members.start - 1, members.stop - 1, spaced))
        elif name != str(len(words) + 1):
            problems.append(Problem(path, number, f"word id '{name}' where {len(words) + 1} is due"))
        elif not _is_place(columns[HEAD]) or not columns[FORM]:
            what = "the form is empty" if not columns[FORM] else f"the head '{columns[HEAD]}' is not a number"
            problems.append(Problem(path, number, what))
        else:
            features = frozenset(columns[FEATURES].split("|"))
            token = len(tokens) - 1 if tokens and len(words) < tokens[-1].end else -1
            head = int(columns[HEAD]) - 1
            words.append(Word(columns[FORM], columns[UPOS], head, columns[DEPREL], features, spaced, token))
    return Tree(words, tokens)


def _not_a_tree(path: Path, line: int, tree: Tree) -> Iterator[Problem]:
    """What makes a graph no tree: no root or several, a head that is not there, a circle, a token without its words."""
    size = len(tree.words)
    if any(word.head >= size for word in tree.words) or any(token.end > size for token in tree.tokens):
        yield Problem(path, line, "a head or a part of a multi-word token of this sentence is not there")
    elif len(tree.children.get(-1, [])) != 1:
        yield Problem(path, line, f"{len(tree.children.get(-1, []))} roots in this sentence instead of 1")
    elif len(tree.below(tree.root)) != size:
        yield Problem(path, line, "the heads of this sentence run in a circle")
    elif (depth := _depth(tree)) > DEEPEST:
        yield Problem(path, line, f"this sentence is {depth} words deep, and {DEEPEST} are the most")


def _is_place(text: str) -> bool:
    return text.isdecimal() and len(text) <= MOST_DIGITS


def _depth(tree: Tree) -> int:
    """Words from the root down to the deepest one."""
    depth, level = 0, [tree.root]
    while level:
        depth, level = depth + 1, [child for place in level for child in tree.children.get(place, [])]
    return depth
