"""XNLI and PAWS-X with words in orders that are drawn: many permutations of each example, beside the example itself.

A cell is named after its language and the number of the permutation: ``de-0`` is German as it is, ``de-3`` its third
permutation. Sinha et al. 2021 (UnNatural Language Inference, ACL) draw a hundred of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xharness.tasks import pawsx, xnli
from xharness.tasks.base import DIAGNOSTICS, Reader, Split, Task
from xharness.tasks.perturbations.catalogue import WORD_ORDER
from xharness.tasks.perturbations.pairs import change_pair
from xharness.tasks.perturbations.policy import WhichTexts
from xharness.tasks.perturbed import PART
from xharness.tasks.types.text_classification import SentencePair

JOINT, SUFFIX = "-", "-permuted"
MOST = 100
"""Permutations that a language can have."""


@dataclass(frozen=True)
class DrawnOrders:
    """How orders are drawn: one of :data:`WORD_ORDER`, its size, and the seed."""

    name: str = "derangement"
    size: int = 0
    seed: int = 0

    def __str__(self) -> str:
        size = f",size={self.size}" if self.size else ""
        return f"{self.name}{size},seed={self.seed},gold={WORD_ORDER[self.name].policy}"


@dataclass(frozen=True)
class PermutedReader:
    """What another reader reads, with the words of both texts in the order of one permutation."""

    reader: Reader
    drawn: DrawnOrders
    number: int

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files of the texts as they are."""
        return self.reader.find(folder, language, split)

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:
        """The permuted examples; number 0 are those that are there."""
        found = self.reader.read(folder, language, split, keep_csv_quotes=keep_csv_quotes)
        return (
            found
            if self.number == 0
            else replace(found, examples=[self._permuted(e, language) for e in found.examples])
        )

    def _permuted(self, pair: SentencePair, language: str) -> SentencePair:
        order, drawn = WORD_ORDER[self.drawn.name], self.drawn
        made = change_pair(
            pair, lambda text, random: order.change(text, language, drawn.size, random), WhichTexts.BOTH,
            f"{drawn.seed}\0{self.number}",
        )  # fmt: skip
        return made.pair if made else pair


@dataclass(frozen=True)
class Permutation:
    """The texts of one language with their words in one of the orders."""

    task: Task
    name: str
    size: int
    seed: int

    def parts(self, language: str) -> tuple[tuple[Task, str], ...]:
        """The one cell, read with its words in another order."""
        code, _, number = language.rpartition(JOINT)
        assert self.task.reader is not None
        reader = PermutedReader(self.task.reader, DrawnOrders(self.name, self.size, self.seed), int(number))
        return ((replace(self.task, reader=reader), code),)

    def join(self, parts: Sequence[Sequence[SentencePair]]) -> Sequence[SentencePair]:
        """The examples."""
        return parts[0]


def cell_names(languages: Sequence[str], permutations: int) -> tuple[str, ...]:
    """The cells of some languages: the texts as they are first."""
    return tuple(f"{language}{JOINT}{number}" for language in languages for number in range(permutations + 1))


def permuted(task: Task, drawn: DrawnOrders) -> Task:
    """The task of all permutations of another one's test sets."""
    return replace(
        task,
        demo="",
        name=task.name + SUFFIX,
        title=f"{task.title}, words in drawn orders",
        group=DIAGNOSTICS,
        languages=cell_names(task.languages, MOST),
        combination=Permutation(task, drawn.name, drawn.size, drawn.seed),
        signature={PART: str(drawn)},
        published={},
        recipe=None,
        jiant=None,
        reference={},
        reference_source="",
        data_of=(task.name,),
    )


BASES = {task.name: task for task in (xnli.TASK, pawsx.TASK)}
TASKS = tuple(permuted(task, DrawnOrders()) for task in BASES.values())
