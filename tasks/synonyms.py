"""A list of synonyms that the user gives, and random numbers to draw from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xharness.tasks.common.errors import BadFiles, Problem, UserError
from xharness.tasks.common.files import sha256
from xharness.tasks.readers.lines import read_lines
from xharness.tasks.substitution import WORD, WordSubstitution


@dataclass(frozen=True)
class Synonyms:
    """A list of synonyms.

    Attributes:
        words: Synonyms by word in lower case.
        sha: Hash of the file.
    """

    words: Mapping[str, tuple[str, ...]]
    sha: str

    def drawn(self, key: str) -> WordSubstitution:
        """Words drawn by random numbers of their own for a key, the same with every version of numpy and Python."""
        bits = np.random.PCG64(int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()))
        return WordSubstitution(self.words, lambda below: int(bits.random_raw() % below))


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
        raise BadFiles(f"the synonyms in {path} cannot be used", problems, "fix the file")
    if not found:
        raise UserError(f"no synonyms in {path}", "it is empty", "write lines of a word, a tab and its synonyms")
    return Synonyms({word: tuple(others) for word, others in found.items()}, sha256([path]))
