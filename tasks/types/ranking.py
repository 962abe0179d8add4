"""Ranking: for each mention the entities that it may mean, best first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias, TypeGuard

from xharness.tasks.types.base import GoldFile, Line, Parsed, TaskType
from xharness.tasks.types.files import Content, parse_object, read, render_object
from xharness.tasks.types.findings import Expected, Finding, PredictionFile
from xharness.tasks.types.ids import id_findings

Rankings: TypeAlias = dict[str, list[str]]


class Ranking(TaskType[object, Rankings, Rankings]):
    """A JSON object from example id to entity ids. Examples have no class yet: rankings can only be scored."""

    name = "ranking"
    title = "ranking"
    example = object
    extension = "json"

    def parse_answers(self, path: Path) -> Parsed[Rankings]:
        """See :meth:`TaskType.parse_answers`."""
        return read(_parse, path)

    parse_gold = parse_answers

    def render(self, answers: Rankings) -> str:
        """See :meth:`TaskType.render`."""
        return render_object(answers)

    def first(
        self, examples: Sequence[object], gold: Rankings | None, limit: int
    ) -> tuple[Sequence[object], Rankings | None]:
        """See :meth:`TaskType.first`."""
        return examples[:limit], None if gold is None else dict(list(gold.items())[:limit])

    def take(self, examples: Sequence[object], gold: Rankings, places: Sequence[int]) -> tuple[list[object], Rankings]:
        """See :meth:`TaskType.take`."""
        entries = list(gold.items())
        return [examples[place] for place in places], dict(entries[place] for place in places)

    def gold_problems(self, gold: GoldFile[object, Rankings]) -> Iterator[Line]:
        """Each id with an entity to find, and none of its entities twice."""
        lines = gold.parsed.lines or (0,) * len(gold.parsed.answers)
        for line, (name, entities) in zip(lines, gold.parsed.answers.items(), strict=True):
            if not entities or not all(entity.strip() for entity in entities):
                yield line, f"'{name}' has no entity; was the file blanked?"
            elif len(set(entities)) < len(entities):
                yield line, f"an entity of '{name}' is there twice"

    def is_blanked(self, gold: Rankings) -> bool:
        """See :meth:`TaskType.is_blanked`."""
        return not any(entity for entities in gold.values() for entity in entities)

    def expected_of_gold(self, gold: Rankings, source: str) -> Expected:
        """See :meth:`TaskType.expected_of_gold`."""
        return Expected(len(gold), source, ids=tuple(gold))

    def findings(self, file: PredictionFile[Rankings]) -> Iterator[Finding]:
        """See :meth:`TaskType.findings`."""
        yield from id_findings(file)

    def view(self, _examples: Sequence[object], gold: Rankings | None) -> RankingView:
        """See :meth:`TaskType.view`."""
        return RankingView(gold or {})


def _parse(text: str) -> Content[Rankings]:
    return parse_object(text, _is_ranking, 'a list of entity ids: write "id": ["Q1", "Q2"]')


def _is_ranking(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(entity, str) for entity in value)


class RankingView:
    """Mentions by id, and the entities given."""

    def __init__(self, gold: Rankings) -> None:
        self.gold = gold

    def raw(self, answers: Rankings, item: str) -> list[str]:
        """Entities, best first."""
        return answers.get(item, [])

    def inputs(self, item: str) -> dict[str, str]:
        """The id."""
        return {"mention": item}

    def texts(self, item: str, *runs: Rankings) -> list[str]:
        """Entities, best first."""
        return [" ".join(self.raw(answers, item)[:10]) for answers in (self.gold, *runs)]

    def similarity_names(self, _answers: Rankings, _item: str) -> Sequence[str]:
        """None are kept."""
        return ()


RANKING = Ranking()
