"""Bitext retrieval: for each query the line number of its translation among the candidates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from xharness.tasks.common.text import shortened
from xharness.tasks.types.base import GoldFile, Line, Parsed, Score, TaskType
from xharness.tasks.types.files import parse_lines, read, render_lines
from xharness.tasks.types.findings import Expected, Finding, PredictionFile, blank_lines, first_of
from xharness.tasks.types.labels import count_differs

MOST_DIGITS = 18
"""Longer line numbers are out of range whatever the file, and Python refuses to convert 4,300 digits."""


@dataclass(frozen=True, slots=True)
class Bitext:
    """For each query (English) find its translation among the candidates (the other language)."""

    queries: tuple[str, ...]
    candidates: tuple[str, ...]


class BitextRetrieval(TaskType[Bitext, list[str], list[str]]):
    """One 0-based line number a line. A cell has one example: the bitext."""

    name = "bitext_retrieval"
    title = "bitext retrieval"
    hub_task = "sentence-similarity"
    own_options = ("layer", "pooling", "prompt", "tatoeba_protocol")
    example = Bitext
    guess = "a random sentence"
    in_order = True
    retrieves = True

    def parse_answers(self, path: Path) -> Parsed[list[str]]:
        """See :meth:`TaskType.parse_answers`."""
        return read(parse_lines, path)

    parse_gold = parse_answers

    def render(self, answers: list[str]) -> str:
        """See :meth:`TaskType.render`."""
        return render_lines(answers)

    def size(self, examples: Sequence[Bitext]) -> int:
        """Number of queries."""
        return sum(len(example.queries) for example in examples)

    def first(
        self, examples: Sequence[Bitext], gold: list[str] | None, limit: int
    ) -> tuple[Sequence[Bitext], list[str] | None]:
        """The first queries; all candidates."""
        return (
            [replace(example, queries=example.queries[:limit]) for example in examples],
            None if gold is None else gold[:limit],
        )

    def take(
        self, examples: Sequence[Bitext], gold: list[str], places: Sequence[int]
    ) -> tuple[list[Bitext], list[str]]:
        """The queries at some places; all candidates."""
        (bitext,) = examples
        taken = replace(bitext, queries=tuple(bitext.queries[place] for place in places))
        return [taken], [gold[place] for place in places]

    def gold_problems(self, gold: GoldFile[Bitext, list[str]]) -> Iterator[Line]:
        """Line numbers of the other side; without the examples as many as were published, or as there are queries.

        Where the sides are aligned each line is the translation of one query.
        """
        yield from count_differs(gold, "line", "example", self.size(gold.examples or ()))
        size = gold.published
        if gold.examples:
            size = len(gold.examples[0].candidates)
        elif size is None and gold.aligned:
            size = len(gold.parsed.answers)
        first: dict[str, int] = {}
        for line, text in gold.entries():
            if wrong := "an empty line in gold" if not text else wrong_index(text, size):
                yield line, wrong
            elif gold.aligned and first.setdefault(text, line) != line:
                yield line, f"line number {text} is there twice, first on line {first[text]}"

    def expected_of_gold(self, gold: list[str], source: str) -> Expected:
        """A file of some lines only does not say how many candidates there are."""
        whole = set(gold) == {str(line) for line in range(len(gold))}
        return Expected(len(gold), source, candidates=len(gold) if whole else None)

    def expected_of_examples(self, examples: Sequence[Bitext], source: str) -> Expected:
        """See :meth:`TaskType.expected_of_examples`."""
        return Expected(self.size(examples), source, candidates=sum(len(each.candidates) for each in examples))

    def expected_of_count(self, count: int, source: str) -> Expected:
        """See :meth:`TaskType.expected_of_count`."""
        return Expected(count, source, candidates=count)

    def findings(self, file: PredictionFile[list[str]]) -> Iterator[Finding]:
        """See :meth:`TaskType.findings`."""
        yield from blank_lines(file, "line number")
        size = file.expected.candidates if file.expected else None
        given = [(line, text) for line, text in zip(file.lines, file.answers, strict=True) if text]
        yield from first_of([Finding(line, what) for line, text in given if (what := wrong_index(text, size))], "lines")

    def view(self, examples: Sequence[Bitext], gold: list[str] | None) -> BitextView:
        """See :meth:`TaskType.view`."""
        return BitextView(examples[0], gold or [])

    def chance(
        self,
        _examples: Sequence[Bitext],
        gold: list[str],
        _labels: Sequence[str],
        _score: Score[list[str]],
        _random: Random,
    ) -> float:
        """Any candidate."""
        return 100 / len(gold)


def wrong_index(text: str, size: int | None) -> str:
    """Why this is not a 0-based line number below ``size``; empty if it is one."""
    if re.fullmatch(r"\[\s*[0-9]+\s*\]", text):
        return f"'{shortened(text)}' has brackets; write {shortened(text.strip('[] '))}"
    if not re.fullmatch(r"0|[1-9][0-9]*", text):
        plain = re.fullmatch(r"[+]?0*([0-9]+)(?:\.0+)?", text)
        right = shortened(plain[1]) if plain else "a 0-based line number like 17"
        return f"'{shortened(text)}' is not a plain integer; write {right}"
    if len(text) > MOST_DIGITS or (size is not None and int(text) >= size):
        last = f", so the last one is {size - 1}" if size else ""
        return f"{shortened(text)} is out of range; line numbers count from 0{last}"
    return ""


class BitextView:
    """Queries, and the candidates found for them."""

    def __init__(self, bitext: Bitext, gold: list[str]) -> None:
        self.bitext, self.gold = bitext, gold

    def raw(self, answers: list[str], item: str) -> str:
        """Row of a candidate."""
        return answers[int(item)]

    def inputs(self, item: str) -> dict[str, str]:
        """The query."""
        return {"query": self.bitext.queries[int(item)]}

    def texts(self, item: str, *runs: list[str]) -> list[str]:
        """Sentences; a row that does not exist as it was written."""
        return [self._sentence(self.raw(answers, item)) for answers in (self.gold, *runs)]

    def similarity_names(self, _answers: list[str], item: str) -> Sequence[str]:
        """The query's."""
        return (item,)

    def _sentence(self, row: str) -> str:
        return f"row {row}" if wrong_index(row, len(self.bitext.candidates)) else self.bitext.candidates[int(row)]


BITEXT_RETRIEVAL = BitextRetrieval()
