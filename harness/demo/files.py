"""The files of the demo world: what its makers yield, the sizes it comes in, and the line formats they share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import NamedTuple

from xharness.demo.grammar import Grammar
from xharness.demo.languages import LANGUAGES
from xharness.demo.lexicon import Lexicon
from xharness.tasks.base import Task
from xharness.tasks.registry import XTREME, Benchmark, benchmark

UNPUBLISHED = 500  # test examples of a cell whose number nobody has published


class File(NamedTuple):
    """A file of the world: path relative to its folder (with ``/``) and content."""

    path: str
    text: str


@dataclass(frozen=True)
class Size:
    """How much there is of everything.

    Attributes:
        cell: Test examples of a task in a language; None for XTREME's published counts.
        cells: The same for single tasks.
        train: English training examples of a task; a tenth of it, at least 20, is the dev split.
        text: Unlabelled documents a language.
        intermediate: Training examples of each intermediate task; dev as above.
        clauses: Clauses of a sentence (pairs of sentences, tagging).
        facts: Clauses of a paragraph that questions are asked about.
        questions: Questions a paragraph.
        pairs: Planted translation pairs of a mining corpus; None for the published counts.
        distractors: Other sentences a side in a mining corpus, for each planted pair.
    """

    cell: int | None
    train: Mapping[str, int]
    text: int
    intermediate: int
    clauses: int
    facts: int
    questions: int
    pairs: int | None
    distractors: float
    cells: Mapping[str, int] = field(default_factory=dict)


def _train(xnli: int, pawsx: int, tags: int, squad: int, tydiqa: int) -> dict[str, int]:
    return {"xnli": xnli, "pawsx": pawsx, "udpos": tags, "panx": tags, "squad": squad, "tydiqa": tydiqa}


SIZES = {
    # For tests: everything is there, but hardly.
    "tiny": Size(6, _train(60, 60, 40, 40, 40), 60, 24, 1, 3, 2, 3, 2.0),
    # Trains and evaluates in minutes on two cores.
    "demo": Size(
        60,
        _train(4000, 5500, 3000, 6000, 3000),
        600,
        1500,
        1,
        2,
        2,
        30,
        5 / 3,
        {"pawsx": 300, "tatoeba": 100, "mlqa": 90},
    ),
    # XTREME's published test counts, with sentences and paragraphs about as long as there, for measuring speed. Mining
    # corpora hold 20 times their pairs, which is rather less than the real ones, to stay within minutes.
    "full": Size(None, _train(20000, 20000, 10000, 20000, 3696), 2000, 20000, 2, 15, 5, None, 19.0),
}


@dataclass(frozen=True)
class World:
    """A made-up world: languages that say the same things. Equal values give equal bytes everywhere.

    Attributes:
        version: The benchmark whose languages and tasks it has.
        newer: It has the newer benchmarks as well, in those of their languages that it speaks.
    """

    seed: int = 0
    size: str = "demo"
    version: str = XTREME.name
    newer: bool = False

    @property
    def benchmark(self) -> Benchmark:
        """The benchmark behind the version's name."""
        return benchmark(self.version)

    @property
    def amount(self) -> Size:
        """The numbers behind the size's name."""
        return SIZES[self.size]

    @cached_property
    def grammars(self) -> dict[str, Grammar]:
        """Every language of the benchmark, with newer ones every language that there is, ready to speak."""
        spoken = {code for languages in self.benchmark.languages.values() for code in languages}
        spoken |= {*LANGUAGES} if self.newer else set()
        return {code: Grammar(Lexicon(language, self.seed)) for code, language in LANGUAGES.items() if code in spoken}

    def languages(self, task: Task) -> tuple[str, ...]:
        """The languages of a task that the benchmark counts, and of one that it does not, those that are spoken."""
        spoken = tuple(code for code in task.languages if code in self.grammars)
        return self.benchmark.languages.get(task.name, spoken)

    def rng(self, stream: str) -> Random:
        """A generator of its own for every named stream, so that one task's numbers do not depend on another's."""
        return Random(f"{self.seed}/{stream}")

    def test_count(self, task: Task, language: str) -> int:
        """Test examples of a cell."""
        if self.amount.cell is None:
            return task.published.get(language, UNPUBLISHED)
        return self.amount.cells.get(task.name, self.amount.cell)

    def train_counts(self, name: str) -> dict[str, int]:
        """Split (train, dev) to the number of English examples of a target or an intermediate task."""
        count = self.amount.train.get(name, self.amount.intermediate)
        return {"train": count, "dev": max(20, count // 10)}


def lines(rows: Iterable[str]) -> str:
    """One row a line."""
    return "".join(f"{row}\n" for row in rows)


def table(rows: Iterable[Sequence[str]]) -> str:
    """TAB-separated rows that end in CR LF, as the csv module leaves them for XNLI and PAWS-X."""
    return "".join("\t".join(row) + "\r\n" for row in rows)


def dump(value: object) -> str:
    """JSON on one line, in any script."""
    return json.dumps(value, ensure_ascii=False) + "\n"
