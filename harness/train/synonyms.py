"""Words replaced by synonyms that the user lists, anew at every step: randomised smoothing by data augmentation, as
Huang et al. 2021 (arXiv 2104.08645) train with it, after Ye et al. 2020 (arXiv 2005.14424).

Every word that the list has is drawn, uniformly, from itself and its synonyms. What is drawn depends on seed, optimizer
step and example only. Labels stay; words inside of a gold answer are never touched, and the places of answers are
computed again; of a tagged sentence a word becomes one word, under the same tag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from xharness.tasks.common.errors import BadFiles, Problem, UserError
from xharness.tasks.common.files import sha256
from xharness.tasks.readers.lines import read_lines
from xharness.train.objectives.base import Objective, TrainingInstance
from xharness.train.substitution import WORD, DrawBelow, WordSubstitution


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
        raise BadFiles(f"the synonyms in {path} cannot be used", problems, "fix the file")
    if not found:
        raise UserError(f"no synonyms in {path}", "it is empty", "write lines of a word, a tab and its synonyms")
    return Synonyms({word: tuple(others) for word, others in found.items()}, sha256([path]))


class Augmenter:
    """Makes the instance of a step from the words that the step draws; see :attr:`Objective.augment`.

    Args:
        kind: Class of the objective, which knows what may change in an example.
        encode: Instances of examples, as those of the training examples were made.
    """

    def __init__(
        self,
        kind: type[Objective],
        examples: Sequence[Any],
        encode: Callable[[Sequence[Any]], list[TrainingInstance]],
        synonyms: Synonyms,
        seed: int,
    ) -> None:
        self._kind, self._examples, self._encode, self._words = kind, examples, encode, synonyms.words
        self._seed = seed

    def __call__(self, instance: TrainingInstance, step: int) -> TrainingInstance:
        """The same part of the example with other words; its last part where it has fewer now."""
        example = self._examples[instance.example]
        draw = _draws(f"{self._seed}\0{step}\0{instance.example}")
        changed = self._kind.substitute(example, WordSubstitution(self._words, draw))
        if changed == example or not (instances := self._encode([changed])):
            return instance
        return replace(instances[min(instance.part, len(instances) - 1)], example=instance.example, part=instance.part)


def _draws(key: str) -> DrawBelow:
    """Random numbers of their own for a key, the same with every version of numpy and Python."""
    bits = np.random.PCG64(int.from_bytes(hashlib.sha256(key.encode()).digest()))
    return lambda below: int(bits.random_raw() % below)
