"""Words replaced by synonyms that the user lists, anew at every step: randomised smoothing by data augmentation, as
Huang et al. 2021 (arXiv 2104.08645) train with it, after Ye et al. 2020 (arXiv 2005.14424).

Every word that the list has is drawn, uniformly, from itself and its synonyms. What is drawn depends on seed, optimizer
step and example only. Labels stay; words inside of a gold answer are never touched, and the places of answers are
computed again; of a tagged sentence a word becomes one word, under the same tag.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from harness.train.objectives import Unit
from tasks.base import ChoiceQuestion, SentencePair, SpanQuestion, TaggedSentence
from tasks.errors import BadFiles, Problem, UserError
from tasks.files import sha256
from tasks.readers.lines import read_lines

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

Draw = Callable[[int], int]
Span = tuple[int, int]


@dataclass(frozen=True)
class Synonyms:
    """A list of synonyms.

    Attributes:
        words: Synonyms by word in lower case.
        sha: Hash of the file.
    """

    words: Mapping[str, tuple[str, ...]]
    sha: str


def read_synonyms(path: Path) -> Synonyms:
    """Read lines ``word TAB synonym TAB synonym ...``; lines of the same word add up.

    Raises:
        UserError: no such file, or nothing in it.
        BadFiles: lines without a synonym, or whose word is not one word; all of them.
    """
    if not path.is_file():
        raise UserError(f"no synonyms at {path}", "there is no such file", "check the path")
    lines, unreadable = read_lines(path)
    problems = list(unreadable)
    found: dict[str, dict[str, None]] = {}
    for number, line in enumerate(lines, 1):
        word, *others = (part.strip() for part in line.split("\t"))
        others = [other for other in others if other]
        if not line.strip():
            continue
        if not WORD.fullmatch(word):
            problems.append(Problem(path, number, f"'{word}' is not one word of letters"))
        elif not others:
            problems.append(Problem(path, number, f"'{word}' has no synonym: they follow, separated by tabs"))
        else:
            found.setdefault(word.lower(), {}).update(dict.fromkeys(others))
    if problems:
        raise BadFiles(f"the synonyms in {path} cannot be used", problems, "mend the file")
    if not found:
        raise UserError(f"no synonyms in {path}", "it is empty", "write lines of a word, a tab and its synonyms")
    return Synonyms({word: tuple(others) for word, others in found.items()}, sha256([path]))


class Augmenter:
    """Makes the unit of a step from the words that the step draws; see :attr:`Objective.augment`.

    Args:
        encode: Units of examples, as those of the training examples were made.
    """

    def __init__(
        self, examples: Sequence[Any], encode: Callable[[Sequence[Any]], list[Unit]], synonyms: Synonyms, seed: int
    ) -> None:
        self._examples, self._encode, self._words, self._seed = examples, encode, synonyms.words, seed

    def __call__(self, unit: Unit, step: int) -> Unit:
        """The same part of the example with other words; its last part where it has fewer now."""
        example = self._examples[unit.example]
        changed = substitute(example, self._words, _draws(f"{self._seed}\0{step}\0{unit.example}"))
        if changed == example or not (units := self._encode([changed])):
            return unit
        return replace(units[min(unit.part, len(units) - 1)], example=unit.example, part=unit.part)


def substitute(example: Any, words: Mapping[str, Sequence[str]], draw: Draw) -> Any:
    """The example with its words drawn anew.

    Args:
        draw: ``draw(n)`` is a random number below n.
    """
    if isinstance(example, SentencePair):
        first, second = (_text(text, words, draw) for text in (example.first, example.second))
        return replace(example, first=first, second=second)
    if isinstance(example, TaggedSentence):
        return replace(example, words=tuple(_word(word, words, draw, single=True) for word in example.words))
    if isinstance(example, ChoiceQuestion):
        premise, question = (_text(text, words, draw) for text in (example.premise, example.question))
        return replace(
            example,
            premise=premise,
            question=question,
            choices=tuple(_text(choice, words, draw) for choice in example.choices),
        )
    assert isinstance(example, SpanQuestion)
    kept = [(start, start + len(text)) for text, start in example.answers]
    swaps = list(_swaps(example.context, words, draw, kept))
    moved = tuple(
        (text, start + sum(len(new) - (end - begin) for (begin, end), new in swaps if end <= start))
        for text, start in example.answers
    )
    question = _text(example.question, words, draw)
    return replace(example, question=question, context=_swapped(example.context, swaps), answers=moved)


def _text(text: str, words: Mapping[str, Sequence[str]], draw: Draw) -> str:
    return _swapped(text, _swaps(text, words, draw, ()))


def _swaps(
    text: str, words: Mapping[str, Sequence[str]], draw: Draw, kept: Sequence[Span]
) -> Iterator[tuple[Span, str]]:
    """Where words are replaced by what, in order; words that share a character with ``kept`` are not."""
    for found in WORD.finditer(text):
        begin, end = found.span()
        if any(begin < stop and start < end for start, stop in kept):
            continue
        new = _word(found.group(), words, draw, single=False)
        if new != found.group():
            yield (begin, end), new


def _swapped(text: str, swaps: Iterable[tuple[Span, str]]) -> str:
    """The text with its swaps made."""
    parts, done = [], 0
    for (begin, end), new in swaps:
        parts += [text[done:begin], new]
        done = end
    return "".join([*parts, text[done:]])


def _word(word: str, words: Mapping[str, Sequence[str]], draw: Draw, *, single: bool) -> str:
    """A word drawn from itself and its synonyms, capitalised as it is; ``single`` passes over those of many words."""
    synonyms = [s for s in words.get(word.lower(), ()) if not (single and len(s.split()) > 1)]
    drawn = draw(len(synonyms) + 1) if synonyms else 0
    if not drawn:
        return word
    new = synonyms[drawn - 1]
    if word.isupper() and len(word) > 1:
        return new.upper()
    return new[:1].upper() + new[1:] if word[:1].isupper() else new


def _draws(key: str) -> Draw:
    """Random numbers of their own for a key, the same with every version of numpy and Python."""
    bits = np.random.PCG64(int.from_bytes(hashlib.sha256(key.encode()).digest()))
    return lambda below: int(bits.random_raw() % below)
