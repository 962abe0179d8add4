"""Spans over tags by the rules of seqeval 0.0.12, and by those of newer versions.

On tags with BIO prefixes this is lenient CoNLL scoring (an ``I-`` without ``B-`` opens a span). On bare part-of-speech
tags the first letter plays the role of the prefix, so that equal neighbours merge into one span, except for SCONJ and
SYM, which read as single-word spans. Newer seqeval cuts the first letter off instead, which makes CCONJ and SCONJ
equal and loses X at the edges of sentences.

Spans follow from one pass of array operations over a whole file: a span is known by where it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
SENTINEL = "O"  # follows every sentence


def type_after_dash(tag: str) -> str:
    """Type of a tag for seqeval 0.0.12: what follows the last dash, or the whole tag."""
    return tag.rpartition("-")[2]


def type_after_prefix(tag: str) -> str:
    """Type of a tag for seqeval >= 1: what follows the first dash after the first character, else all but that."""
    rest = tag[1:]
    return (rest.partition("-")[2] if "-" in rest else rest) or "_"


class Span(NamedTuple):
    """A span of one sentence: its type and the words from ``begin`` up to but not including ``end``."""

    type: str
    begin: int
    end: int


def spans(sentences: Sequence[Sequence[str]]) -> list[list[Span]]:
    """The spans of each sentence by the official rules, in order (the metric counts the same ones)."""
    if not sentences:
        return []
    vocabulary, tags, _ = encode(sentences, ())
    found = spans_of(tags, vocabulary, type_after_dash)
    starts = np.cumsum([0, *(len(sentence) + 1 for sentence in sentences)])
    listed: list[list[Span]] = [[] for _ in sentences]
    for end in np.flatnonzero(found.ends):
        sentence = int(np.searchsorted(starts, end, side="right")) - 1
        begin = max(int(found.begins[end]), int(starts[sentence])) - int(starts[sentence])
        listed[sentence].append(Span(type_after_dash(vocabulary[tags[end]]), begin, int(end - starts[sentence]) + 1))
    return listed


class Spans(NamedTuple):
    """``ends[i]``: a span's last word is i. ``types[i]`` and ``begins[i]`` then are its type and first word."""

    ends: BoolArray
    types: IntArray
    begins: IntArray


def encode(gold: Sequence[Sequence[str]], answers: Sequence[Sequence[str]]) -> tuple[list[str], IntArray, IntArray]:
    """All distinct tags, and both files as indices into them, with a sentinel after every sentence."""
    vocabulary = list(dict.fromkeys(chain([SENTINEL], *gold, *answers)))
    code = {tag: index for index, tag in enumerate(vocabulary)}
    return vocabulary, _coded(gold, code), _coded(answers, code)


def _coded(side: Sequence[Sequence[str]], code: Mapping[str, int]) -> IntArray:
    """One file as indices; the sentinel's is 0."""
    lengths = np.array([len(tags) for tags in side], dtype=np.int64)
    is_word = np.ones(lengths.sum() + len(lengths), dtype=np.bool_)
    is_word[np.cumsum(lengths + 1) - 1] = False
    coded = np.zeros(len(is_word), dtype=np.int64)
    coded[is_word] = np.fromiter(map(code.__getitem__, chain.from_iterable(side)), np.int64, int(lengths.sum()))
    return coded


def spans_of(tags: IntArray, vocabulary: list[str], type_of: Callable[[str], str]) -> Spans:
    """The spans of a file.

    A sentinel never ends a span (it reads as outside), so that every end is a word. A span that ends without having
    begun reaches back to the last beginning, or to the first word of the file: seqeval keeps that position.
    """
    names = [type_of(tag) for tag in vocabulary]
    number = {name: index for index, name in enumerate(dict.fromkeys(names))}
    kinds = np.array([number[name] for name in names], dtype=np.int64)[tags]
    changed = np.append(names[tags[0]] != "", kinds[1:] != kinds[:-1]) if len(tags) else np.zeros(0, dtype=np.bool_)

    def role(*letters: str) -> BoolArray:
        """Where the role of a tag is one of these."""
        return np.array([tag[0] in letters for tag in vocabulary])[tags]

    def before(*letters: str) -> BoolArray:
        """Where that of the tag before it is; before the first is ``O``."""
        return np.concatenate([["O" in letters], role(*letters)[:-1]])

    ends = before("E", "S") | (before("B", "I") & role("B", "S", "O")) | (~before("O", ".") & changed)
    starts = role("B", "S") | (before("E", "S", "O") & role("E", "I")) | (~role("O", ".") & changed)

    begins = np.maximum.accumulate(np.where(starts, np.arange(len(tags)), 0))
    return Spans(np.append(ends, np.False_)[1:], kinds, begins)
