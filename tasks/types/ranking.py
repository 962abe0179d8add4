"""Ranking: for each query the candidates that may answer it, best first, out of one set for all queries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TypeAlias, TypeGuard

from xharness.tasks.common.text import shortened
from xharness.tasks.types.base import GoldFile, Line, Parsed, Score, TaskType
from xharness.tasks.types.files import Content, parse_object, read, render_object
from xharness.tasks.types.findings import Expected, Finding, PredictionFile, first_of
from xharness.tasks.types.ids import id_findings

Rankings: TypeAlias = dict[str, list[str]]

CUTOFF = 20
"""Only so many candidates of a ranking count."""
GUESSES = 10  # random rankings of every query
SHOWN_TEXT = 200
SHOWN_IDS = 10


@dataclass(frozen=True, eq=False)
class Candidates(ABC):
    """What is ranked: one set for all queries of a task, whose texts may be too many to hold.

    Attributes:
        rows: 0-based row of each id, in the order of the rows.
        sha256: Hash of what the texts are made of.
        pools: Rows that belong together, by the language that they are in; empty where that does not part them.
    """

    rows: Mapping[str, int]
    sha256: str
    pools: Mapping[str, range] = field(default_factory=dict)

    @abstractmethod
    def texts(self, rows: range) -> list[str]:
        """What a model reads of some candidates, in order."""


@dataclass(frozen=True, eq=False)
class RankingQueries:
    """The queries of a cell, by id, and what is ranked for them."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    candidates: Candidates


class Ranking(TaskType[RankingQueries, Rankings, Rankings]):
    """A JSON object from the id of a query to ids of candidates. A cell has one example: all its queries."""

    name = "ranking"
    title = "ranking"
    hub_task = "text-ranking"
    example = RankingQueries
    extension = "json"
    guess = "random candidates"
    retrieves = True
    together = True
    own_options = ("layer", "pooling", "prompt", "ranking")

    def parse_answers(self, path: Path) -> Parsed[Rankings]:
        """See :meth:`TaskType.parse_answers`."""
        return read(_parse, path)

    parse_gold = parse_answers

    def render(self, answers: Rankings) -> str:
        """See :meth:`TaskType.render`."""
        return render_object(answers)

    def size(self, examples: Sequence[RankingQueries]) -> int:
        """Number of queries."""
        return sum(len(example.ids) for example in examples)

    def first(
        self, examples: Sequence[RankingQueries], gold: Rankings | None, limit: int
    ) -> tuple[Sequence[RankingQueries], Rankings | None]:
        """The first queries; all candidates."""
        cut = [replace(each, ids=each.ids[:limit], texts=each.texts[:limit]) for each in examples]
        return cut, None if gold is None else _only(gold, (name for each in cut for name in each.ids))

    def take(
        self, examples: Sequence[RankingQueries], gold: Rankings, places: Sequence[int]
    ) -> tuple[list[RankingQueries], Rankings]:
        """The queries at some places; all candidates."""
        (whole,) = examples
        ids, texts = (tuple(each[place] for place in places) for each in (whole.ids, whole.texts))
        return [replace(whole, ids=ids, texts=texts)], _only(gold, ids)

    def gold_problems(self, gold: GoldFile[RankingQueries, Rankings]) -> Iterator[Line]:
        """Each query with candidates to find, none of them twice; where the examples are at hand, no others."""
        lines = gold.parsed.lines or (0,) * len(gold.parsed.answers)
        queries = {name for each in gold.examples or () for name in each.ids}
        candidates = gold.examples[0].candidates.rows if gold.examples else None
        for line, (name, right) in zip(lines, gold.parsed.answers.items(), strict=True):
            if queries and name not in queries:
                yield line, f"'{name}' is not a query of this language and split"
            if not right or not all(entity.strip() for entity in right):
                yield line, f"'{name}' has no gold candidate; was the file blanked?"
                continue
            if len(set(right)) < len(right):
                yield line, f"a gold candidate of '{name}' is there twice"
            if candidates is not None:
                unknown = [entity for entity in dict.fromkeys(right) if entity.strip() not in candidates]
                yield from ((line, f"'{entity}', gold of '{name}', is not a candidate") for entity in unknown)
        broken = {problem.line for problem in gold.parsed.problems}
        if not broken:
            missing = (name for each in gold.examples or () for name in each.ids if name not in gold.parsed.answers)
            yield from ((0, f"query '{name}' has no gold") for name in missing)

    def is_blanked(self, gold: Rankings) -> bool:
        """See :meth:`TaskType.is_blanked`."""
        return not any(entity for entities in gold.values() for entity in entities)

    def expected_of_gold(self, gold: Rankings, source: str) -> Expected:
        """See :meth:`TaskType.expected_of_gold`."""
        return Expected(len(gold), source, ids=tuple(gold))

    def expected_of_examples(self, examples: Sequence[RankingQueries], source: str) -> Expected:
        """See :meth:`TaskType.expected_of_examples`."""
        return Expected(self.size(examples), source, ids=tuple(name for each in examples for name in each.ids))

    def findings(self, file: PredictionFile[Rankings]) -> Iterator[Finding]:
        """See :meth:`TaskType.findings`."""
        yield from id_findings(file)
        twice = [
            Finding(line, f"'{name}' ranks the same candidate twice; each counts once, where it stands first")
            for line, (name, ranking) in zip(file.lines, file.answers.items(), strict=True)
            if len(set(ranking[:CUTOFF])) < len(ranking[:CUTOFF])
        ]
        yield from first_of(twice, "rankings")

    def chance(
        self,
        examples: Sequence[RankingQueries],
        _gold: Rankings,
        _labels: Sequence[str],
        score: Score[Rankings],
        random: Random,
    ) -> float:
        """Candidates at random, the mean of several rankings of them."""
        (queries,) = examples
        names = list(queries.candidates.rows)
        most = min(CUTOFF, len(names))
        rankings = ({query: random.sample(names, most) for query in queries.ids} for _ in range(GUESSES))
        return sum(map(score, rankings)) / GUESSES

    def view(self, examples: Sequence[RankingQueries], gold: Rankings | None) -> RankingView:
        """See :meth:`TaskType.view`."""
        return RankingView(examples, gold or {})


def _only(gold: Rankings, names: Iterator[str] | Sequence[str]) -> Rankings:
    return {name: gold[name] for name in names if name in gold}


def _parse(text: str) -> Content[Rankings]:
    return parse_object(text, _is_ranking, 'a list of ids: write "id": ["Q1", "Q2"]')


def _is_ranking(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(entity, str) for entity in value)


class RankingView:
    """Queries, and the candidates found for them.

    An item is a query's id, or that without the language at its end where items are the same in all languages.
    """

    def __init__(self, examples: Sequence[RankingQueries], gold: Rankings) -> None:
        self.gold = gold
        self._texts = {name: text for each in examples for name, text in zip(each.ids, each.texts, strict=True)}
        self._candidates = examples[0].candidates if examples else None
        known = self._texts or gold
        self._names = {name.rpartition("_")[0]: name for name in known} | {name: name for name in known}

    def raw(self, answers: Rankings, item: str) -> list[str]:
        """Candidates, best first."""
        return answers.get(self._names.get(item, item), [])

    def inputs(self, item: str) -> dict[str, str]:
        """The query; its id where the texts are not at hand."""
        return {"query": self._texts.get(self._names.get(item, item), item)}

    def texts(self, item: str, *runs: Rankings) -> list[str]:
        """The first candidates' ids, and the text of the very first."""
        return [self._shown(self.raw(answers, item)) for answers in (self.gold, *runs)]

    def similarity_names(self, _answers: Rankings, item: str) -> Sequence[str]:
        """The query's."""
        return (self._names.get(item, item),)

    def _shown(self, ranking: Sequence[str]) -> str:
        ids = " ".join(ranking[:SHOWN_IDS])
        row = self._candidates.rows.get(ranking[0]) if self._candidates and ranking else None
        if row is None or self._candidates is None:
            return ids
        (text,) = self._candidates.texts(range(row, row + 1))
        return f"{ids}: {shortened(text, SHOWN_TEXT)}"


RANKING = Ranking()
