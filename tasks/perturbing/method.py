"""From options to what is done with one text, and what is recorded of it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.common.files import sha256
from xharness.tasks.perturbations.catalogue import TREE_CHANGES, WORD_ORDER, TreeChange, TreeSettings, WordOrder
from xharness.tasks.perturbations.coverage import TreeBook
from xharness.tasks.perturbations.policy import ChangedText, LabelPolicy, Punctuation, WhichTexts
from xharness.tasks.perturbations.typical_order import TypicalOrder, typical_order
from xharness.tasks.perturbing.options import PerturbOptions
from xharness.tasks.readers.trees import Tree, read_trees

_TREEBANK = re.compile(r"([a-z]{2,3})_\w+")


@dataclass(frozen=True)
class Method(ABC):
    """A perturbation with its settings.

    Attributes:
        texts: Which texts of a pair it changes.
        seed: Of what is drawn.
    """

    texts: WhichTexts
    seed: int

    @property
    @abstractmethod
    def policy(self) -> LabelPolicy:
        """What becomes of gold."""

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str | int]:
        """What is recorded: its name and whatever can change its outcome."""

    @abstractmethod
    def change(self, text: str, language: str, random: Random) -> ChangedText | None:
        """One text; None where it cannot be done."""

    def uncovered(self, texts: Sequence[str]) -> list[str]:  # noqa: ARG002
        """Texts about which too little is known."""
        return []

    @property
    def record(self) -> dict[str, str | int]:
        """The settings with what all perturbations have."""
        return {**self.settings, "gold": self.policy.value, "texts": self.texts.value}


@dataclass(frozen=True)
class OfWords(Method):
    """An order of words that is drawn."""

    order: WordOrder
    size: int

    @property
    def policy(self) -> LabelPolicy:
        """See :attr:`Method.policy`."""
        return self.order.policy

    @property
    def settings(self) -> dict[str, str | int]:
        """See :attr:`Method.settings`."""
        size = {"size": self.size} if self.order.size else {}
        return {"name": self.order.name, **size, **({"seed": self.seed} if self.order.drawn else {})}

    def change(self, text: str, language: str, random: Random) -> ChangedText | None:
        """See :meth:`Method.change`."""
        return self.order.change(text, language, self.size, random)


@dataclass(frozen=True)
class OfTrees(Method):
    """A change of parsed sentences."""

    kind: TreeChange
    book: TreeBook
    files: Mapping[str, str]
    order: TypicalOrder | None
    punctuation: Punctuation

    @property
    def policy(self) -> LabelPolicy:
        """See :attr:`Method.policy`."""
        return self.kind.policy

    @property
    def settings(self) -> dict[str, str | int]:
        """See :attr:`Method.settings`."""
        marks = {"punctuation": self.punctuation.value} if self.kind.ordered else {}
        return {"name": self.kind.name, **marks, **self.files}

    def change(self, text: str, language: str, random: Random) -> ChangedText | None:  # noqa: ARG002
        """See :meth:`Method.change`."""
        trees = self.book.cover(text)
        settings = TreeSettings(language, self.order, self.punctuation)
        return self.kind.change(trees, settings) if trees else None

    def uncovered(self, texts: Sequence[str]) -> list[str]:
        """Texts that are not made of the trees."""
        return [text for text in texts if not self.book.cover(text)]


def method_of(options: PerturbOptions) -> Method:
    """Read whatever the perturbation needs.

    Raises:
        BadFiles: a file of trees has malformed lines.
        UserError: the language of a treebank cannot be told, or there are two.
    """
    seed = options.seed or 0
    if order := WORD_ORDER.get(options.by):
        return OfWords(options.texts or WhichTexts.BOTH, seed, order, options.size or order.size)
    kind = TREE_CHANGES[options.by]
    texts = WhichTexts.SECOND if kind.second_only else options.texts or WhichTexts.BOTH
    files: dict[str, str] = {"trees": sha256(options.trees)}
    typical = None
    if kind.ordered:
        files = {"order": _language(options.order_of), "treebank": sha256(options.order_of), **files}
        typical = typical_order(_trees(options.order_of))
    book = TreeBook.of(_trees(options.trees))
    return OfTrees(texts, seed, kind, book, files, typical, options.punctuation or Punctuation.EDGE)


def _language(files: Sequence[Path]) -> str:
    """The language that the names of treebank files begin with."""
    found = {name[1] for path in files if (name := _TREEBANK.match(path.name))}
    if len(found) != 1 or not all(_TREEBANK.match(path.name) for path in files):
        names = ", ".join(path.name for path in files)
        why = "names of treebanks begin with one and the same language, such as de_gsd-ud-train.conllu"
        raise UserError(f"cannot tell the language of {names}", why, "name the files of one language like that")
    return found.pop()


def _trees(files: Sequence[Path]) -> list[Tree]:
    trees, problems = [], []
    for path in files:
        found, wrong = read_trees(path)
        trees += found
        problems += wrong
    if problems:
        raise BadFiles("trees that cannot be used", problems, "correct the file, or leave these sentences out of it")
    return trees
