"""Mewsli-X's training pairs: a mention in English Wikipedia and the entity that it means, as they are released.

The texts of both are those of evaluation (:mod:`xharness.tasks.readers.mentions` and ``entity_text``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_files import as_object
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.readers.entities import entity_faults, entity_text
from xharness.tasks.readers.json_rows import JsonRow, json_rows
from xharness.tasks.readers.mentions import context_of, query_of
from xharness.tasks.readers.records import NamedFilesReader
from xharness.tasks.types.text_pairs import TextPair

LANGUAGE = "en"


@dataclass(frozen=True)
class WikipediaPairsReader(NamedFilesReader):
    """``wikipedia_pairs-<train|dev>.jsonl``, a pair a line."""

    def names(self, split: str) -> tuple[str, ...]:
        """The released name."""
        return (f"wikipedia_pairs-{split}.jsonl",)

    def parse(self, path: Path, split: str) -> Split:  # noqa: ARG002
        """See :meth:`NamedFilesReader.parse`."""
        found = _Pairs(path)
        for row in json_rows(path, found.problems):
            found.add(row)
        malformed = found.read - len(found.pairs)
        rows = (Rows(path, "pair", found.read, {MALFORMED: malformed} if malformed else {}),)
        return Split(found.pairs, [], (path,), tuple(sorted(found.problems)), (), rows)


@dataclass
class _Pairs:
    """One file on the way."""

    path: Path
    pairs: list[TextPair] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    read: int = 0

    def add(self, row: JsonRow) -> None:
        """The pair on a line, or everything that is wrong with it."""
        self.read += 1
        both = as_object(row.fields.get("contextual_mention"))
        mention, entity = as_object(both.get("mention")), as_object(row.fields.get("entity"))
        name = mention.get("example_id")
        if not isinstance(name, str) or not name:
            self.problems.append(
                Problem(self.path, row.line, "no 'contextual_mention' with a 'mention' that has an id")
            )
            return
        query = _query(as_object(both.get("context")), mention)
        faults = [*self._twice(name, row.line), *query.faults, *_meant(mention, entity)]
        self.problems += [Problem(self.path, row.line, f"mention '{name}': {what}") for what in faults]
        if not faults:
            self.pairs.append(TextPair(name, query.text, entity_text(entity) or ""))

    def _twice(self, name: str, line: int) -> list[str]:
        first = self.seen.setdefault(name, line)
        return [f"it is there twice, first on line {first}"] if first != line else []


@dataclass(frozen=True)
class _Query:
    """What a model reads of a mention, or what is wrong with it."""

    text: str = ""
    faults: tuple[str, ...] = ()


def _query(fields: JsonObject, mention: JsonObject) -> _Query:
    context = context_of(fields, (LANGUAGE,))
    if isinstance(context, str):
        return _Query(faults=(context,))
    try:
        return _Query(query_of(mention.get("mention_span"), context))
    except ValueError as error:
        return _Query(faults=(str(error),))


def _meant(mention: JsonObject, entity: JsonObject) -> Iterator[str]:
    """What is wrong with an entity, and with the mention's word on which one it is."""
    right, name = mention.get("entity_id"), entity.get("entity_id")
    if not isinstance(right, str) or not right.strip():
        yield "no 'entity_id'; was the file blanked?"
    elif right != name:
        yield f"it means '{right}', and the entity beside it is '{name}'"
    yield from (f"entity '{name}': {what}" for what in entity_faults(entity, LANGUAGE))
