"""Mewsli-X: mentions in news, and the entities that they may mean.

Read are the files as they are released once their texts are restored (``wikinews_mentions-<split>.jsonl``, all
languages in one), or as XTREME-R's preprocessing leaves them (``wikinews_mentions/<split>-<lang>.jsonl`` without the
entities of test, and ``wikinews_labels/<split>-<lang>.json``), with ``candidate_set_entities.jsonl`` beside them. The
texts that a model reads are made as google-research/xtreme, ``utils_mewslix.py``, makes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.entities import Entities, normalised, read_entities
from xharness.tasks.readers.json_rows import JsonRow, json_rows
from xharness.tasks.readers.layout import existing, state
from xharness.tasks.readers.text_spans import CharacterSpan, span_of, spans_of
from xharness.tasks.types.base import GoldFile
from xharness.tasks.types.ranking import RANKING, RankingQueries, Rankings

CANDIDATES = "candidate_set_entities.jsonl"
MARKED = re.compile(r"\{(.*?)\}")
SPLITS = ("test", "dev")


class Mention(NamedTuple):
    """One query: its id, what a model reads, the entity (empty where it was taken out), and its line."""

    id: str
    text: str
    entity: str
    line: int


@dataclass
class Mentions:
    """What a file holds of each language, and everything that is wrong in it."""

    path: Path
    languages: dict[str, list[Mention]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    read: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    def report(self, line: int, what: str) -> None:
        """Something is wrong on a line."""
        self.problems.append(Problem(self.path, line, what))


@dataclass(frozen=True)
class MewslixReader:
    """Dev and test of the news mentions, each with all candidates."""

    languages: tuple[str, ...]

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """Mentions, candidates, and the entities of the mentions where they have a file of their own."""
        mentions = self._mentions(folder, language, split) if split in SPLITS and language in self.languages else ()
        labels = existing(folder / "wikinews_labels" / f"{split}-{language}.json")
        return (*mentions, *existing(folder / CANDIDATES), *labels) if mentions else ()

    def _mentions(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file of one language, else that of all if it has the language, or none that is known."""
        if own := existing(folder / "wikinews_mentions" / f"{split}-{language}.jsonl"):
            return own
        whole = existing(folder / f"wikinews_mentions-{split}.jsonl")
        there = {each for path in whole for each in self._read(path).languages}
        return whole if language in there or not there else ()

    def _read(self, path: Path, only: str = "") -> Mentions:
        return _read(path, (only,) if only else self.languages, *state(path))

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:  # noqa: ARG002
        """The mentions of one language.

        Raises:
            FileNotFoundError: nothing is there.
        """
        files = self.find(folder, language, split)
        if not files:
            raise FileNotFoundError(f"no wikinews_mentions-{split}.jsonl with '{language}' in {folder}")
        own = files[0].parent.name == "wikinews_mentions"
        found = self._read(files[0], language if own else "")
        mentions = found.languages.get(language, [])
        problems = list(found.problems)
        if CANDIDATES in {path.name for path in files}:
            candidates, wrong = read_entities(folder / CANDIDATES)
            problems += wrong
        else:
            candidates = Entities({}, "")
            problems.append(Problem(folder / CANDIDATES, 0, "no such file; it holds the entities that are ranked"))
        queries = RankingQueries(tuple(each.id for each in mentions), tuple(each.text for each in mentions), candidates)
        labels = [path for path in files if path.parent.name == "wikinews_labels"]
        gold, wrong = _labels(labels[0], queries) if labels else _entities(files[0], mentions, candidates)
        left_out = {MALFORMED: len(found.problems)} if found.problems else {}
        rows = () if not own else (Rows(files[0], "mention", found.read, left_out),)
        return Split([queries], gold, files, tuple(sorted([*problems, *wrong])), (), rows)


def _entities(path: Path, mentions: list[Mention], candidates: Entities) -> tuple[Rankings | None, list[Problem]]:
    """Gold as the mentions have it; None where every entity was taken out."""
    if not any(each.entity for each in mentions):
        return None, []
    without = [Problem(path, each.line, f"mention '{each.id}' has no entity, others have") for each in mentions
               if not each.entity]  # fmt: skip
    unknown = [
        Problem(path, each.line, f"'{each.entity}', the entity of mention '{each.id}', is not a candidate")
        for each in mentions
        if each.entity and candidates.rows and each.entity not in candidates.rows
    ]
    return {each.id: [each.entity] for each in mentions}, [*without, *unknown]


def _labels(path: Path, queries: RankingQueries) -> tuple[Rankings | None, list[Problem]]:
    """Gold of a file of its own, by the rules of every gold file."""
    parsed = RANKING.parse_gold(path)
    if not parsed.problems and RANKING.is_blanked(parsed.answers):
        return None, []
    known = [queries] if queries.candidates.rows else None
    found = RANKING.gold_problems(GoldFile(parsed, known, "mewslix", (), {}, 0, None, aligned=False))
    return parsed.answers, [*parsed.problems, *(Problem(path, line, what) for line, what in found)]


# --- one file of mentions --------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _read(path: Path, languages: tuple[str, ...], modified: int, size: int) -> Mentions:  # noqa: ARG001
    """Every mention of a file that may hold these languages."""
    found = Mentions(path)
    for row in json_rows(path, found.problems):
        context, mentions = row.fields.get("context"), row.fields.get("mentions")
        if not isinstance(context, dict) or not isinstance(mentions, list):
            found.report(row.line, "no object 'context' with a list 'mentions'")
            continue
        found.read += len(mentions)
        language, text = context.get("language"), context.get("text")
        spans = spans_of(context.get("sentence_spans"), text) if isinstance(text, str) else "no text"
        if language not in languages:
            known = f"it must be {languages[0]}" if len(languages) == 1 else f"known are {' '.join(languages)}"
            found.report(row.line, f"language {str(language)[:20]!r}: {known}")
        elif not isinstance(text, str) or not text:
            found.report(row.line, "no text in 'context'; get-mewsli-x.sh of its authors restores the texts")
        elif isinstance(spans, str):
            found.report(row.line, f"sentence_spans: {spans}")
        else:
            found.languages.setdefault(language, []).extend(_mentions(found, row, text, spans, mentions))
    if not found.read and not found.problems:
        found.report(0, "no mention in it")
    return found


def _mentions(
    found: Mentions, row: JsonRow, text: str, spans: list[CharacterSpan], given: list[Any]
) -> Iterator[Mention]:
    """The mentions of one article that are as they should be."""
    for each in given:
        name = each.get("example_id") if isinstance(each, dict) else None
        if not isinstance(name, str) or not name:
            found.report(row.line, "a mention without 'example_id'")
        elif name in found.seen:
            found.report(row.line, f"mention '{name}' is there twice, first on line {found.seen[name]}")
        else:
            found.seen[name] = row.line
            entity = each.get("entity_id")
            try:
                query = _query(each.get("mention_span"), text, spans)
            except ValueError as error:
                found.report(row.line, f"mention '{name}': {error}")
            else:
                yield Mention(name, query, entity.strip() if isinstance(entity, str) else "", row.line)


def _query(given: Any, text: str, spans: list[CharacterSpan]) -> str:
    """What a model reads of a mention. Raises ValueError with what is wrong with it."""
    fields: Mapping[str, Any] = given if isinstance(given, dict) else {}
    start, end = fields.get("start"), fields.get("end")
    span = span_of(start, end, text)
    if span is None:
        raise ValueError(f"mention_span is {start} to {end}, outside its text of {len(text):,} characters")
    words = text[span[0] : span[1]]
    if fields.get("text") != words:
        raise ValueError(f"mention_span says '{str(fields.get('text'))[:40]}', and its text has '{words[:40]}' there")
    inside = [each for each in spans if each[0] <= span[0] and span[1] <= each[1]]
    if not inside:
        raise ValueError("it is in no sentence")
    first, last = inside[0]
    return query_text(text[first : span[0]], words, text[span[1] : last])


def query_text(left: str, mention: str, right: str) -> str:
    """``Paris: He lives in { Paris } now.``: a mention, and the sentence that it stands in.

    Braces that were there become parentheses.
    """
    left, right = (MARKED.sub(r"(\1)", side) for side in (left, right))
    return normalised(f"{mention}: {left} {{ {mention} }} {right}")
