"""The words of a text and what stands between them, without a tokenizer.

A word is what stands between spaces, without the marks of punctuation at its ends, which keep their place. Languages
that write no spaces are cut into characters, with their combining marks; a run of Latin letters or digits stays whole.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

WITHOUT_SPACES = frozenset(("zh", "ja", "th", "lo", "my", "km"))
"""Languages whose words are characters here."""


@dataclass(frozen=True)
class Pieces:
    """``gaps[0] words[0] gaps[1] ... gaps[n]``, joined by nothing."""

    words: Sequence[str]
    gaps: Sequence[str]

    def joined(self, order: Sequence[int]) -> str:
        """The text with its words in another order; what stands between them stays."""
        words = [self.words[place] for place in order]
        return "".join(chain.from_iterable(zip_longest(self.gaps, words, fillvalue="")))


def pieces(text: str, language: str) -> Pieces:
    """Cut a text into words and gaps."""
    runs = _characters(text) if language in WITHOUT_SPACES else _between_spaces(text)
    words, gaps = [], [""]
    for run, is_word in runs:
        if is_word:
            words.append(run)
            gaps.append("")
        else:
            gaps[-1] += run
    return Pieces(words, gaps)


def _between_spaces(text: str) -> list[tuple[str, bool]]:
    """Each word, each run of spaces, and the marks at the ends of words, with whether it is a word."""
    found: list[tuple[str, bool]] = []
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or text[place].isspace() != text[start].isspace():
            found += _without_marks(text[start:place])
            start = place
    return found


def _without_marks(run: str) -> list[tuple[str, bool]]:
    core = [place for place, letter in enumerate(run) if not _is_mark(letter)]
    if not core:
        return [(run, False)]
    first, end = core[0], core[-1] + 1
    return [(run[:first], False), (run[first:end], True), (run[end:], False)]


def _characters(text: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    for letter in text:
        if found and found[-1][1] and _continues(found[-1][0], letter):
            found[-1] = (found[-1][0] + letter, True)
        else:
            found.append((letter, not _is_mark(letter)))
    return found


def _continues(word: str, letter: str) -> bool:
    """Whether a character belongs to the word before it."""
    latin = letter.isascii() and letter.isalnum() and word[-1].isascii()
    return latin or unicodedata.category(letter).startswith("M")


def _is_mark(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter).startswith("P")
