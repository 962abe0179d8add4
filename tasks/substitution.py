"""Words of a text drawn from themselves and their synonyms.

Every word that the list has is drawn, uniformly, from itself and its synonyms. Labels stay; words inside of a gold
answer are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

DrawBelow: TypeAlias = Callable[[int], int]
Range: TypeAlias = tuple[int, int]  # first character and the one after the last


@dataclass(frozen=True)
class WordSubstitution:
    """How words are drawn anew.

    Attributes:
        synonyms: By word in lower case.
        draw: ``draw(n)`` is a random number below n.
    """

    synonyms: Mapping[str, Sequence[str]]
    draw: DrawBelow

    def text(self, text: str) -> str:
        """A text with its words drawn anew."""
        return swapped(text, self.swaps(text, ()))

    def swaps(self, text: str, kept: Sequence[Range]) -> Iterator[tuple[Range, str]]:
        """Where words are replaced by what, in order; words that share a character with ``kept`` are not."""
        for found in WORD.finditer(text):
            begin, end = found.span()
            if any(begin < stop and start < end for start, stop in kept):
                continue
            new = self.word(found.group(), single=False)
            if new != found.group():
                yield (begin, end), new

    def word(self, word: str, *, single: bool) -> str:
        """A word drawn from itself and its synonyms, capitalised as it is; ``single`` leaves out longer ones."""
        synonyms = [s for s in self.synonyms.get(word.lower(), ()) if not (single and len(s.split()) > 1)]
        drawn = self.draw(len(synonyms) + 1) if synonyms else 0
        if not drawn:
            return word
        new = synonyms[drawn - 1]
        if word.isupper() and len(word) > 1:
            return new.upper()
        return new[:1].upper() + new[1:] if word[:1].isupper() else new


def swapped(text: str, swaps: Iterable[tuple[Range, str]]) -> str:
    """The text with its swaps made."""
    parts, done = [], 0
    for (begin, end), new in swaps:
        parts += [text[done:begin], new]
        done = end
    return "".join([*parts, text[done:]])
