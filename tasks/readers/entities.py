"""The candidate set of Mewsli-X: an entity a line, so many that texts are read from the file when asked for."""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from xharness.tasks.common.errors import Problem, UserError
from xharness.tasks.common.json_files import parse_json
from xharness.tasks.readers.json_rows import MARK, json_rows
from xharness.tasks.readers.layout import state
from xharness.tasks.readers.text_spans import spans_of
from xharness.tasks.types.ranking import Candidates

WIKIPEDIA_CODE = re.compile("[a-z]{2,}(-[a-z]+)*")


@dataclass(frozen=True, eq=False)
class Entities(Candidates):
    """Candidates whose texts stay in their file.

    Attributes:
        path, seen: The file, and its state when it was read.
        offsets: The byte where the line of each row begins, and the end of the last one.
    """

    path: Path = Path()
    seen: tuple[int, int] = (0, 0)
    offsets: Sequence[int] = ()

    def texts(self, rows: range) -> list[str]:
        """See :meth:`Candidates.texts`.

        Raises:
            UserError: the file was changed since it was read.
        """
        if state(self.path) != self.seen:
            why = "it is no longer what was read when this command began"
            raise UserError(f"{self.path} was changed meanwhile", why, "run the same command again")
        with self.path.open("rb") as file:
            return [self._text(file, row) for row in rows]

    def _text(self, file: Any, row: int) -> str:
        file.seek(self.offsets[row])
        text = entity_text(parse_json(file.readline().removeprefix(MARK).decode()))
        assert text is not None  # the row was checked when the file was read
        return text


def read_entities(path: Path) -> tuple[Entities, list[Problem]]:
    """The candidate set in a file, and every line that is none of it. Remembered until the file changes."""
    return _read(path, *state(path))


@lru_cache(maxsize=2)
def _read(path: Path, modified: int, size: int) -> tuple[Entities, list[Problem]]:
    problems: list[Problem] = []
    lines: dict[str, int] = {}  # of each entity, in the order of the file
    offsets, digest = array("Q"), hashlib.sha256()
    for line, offset, raw, fields in json_rows(path, problems):
        digest.update(raw)
        name = fields.get("entity_id")
        if not isinstance(name, str) or not name.strip():
            problems.append(Problem(path, line, "no 'entity_id'"))
        elif name in lines:
            problems.append(Problem(path, line, f"entity '{name}' is there twice, first on line {lines[name]}"))
        else:
            problems += [Problem(path, line, f"entity '{name}': {what}") for what in _wrong(fields)]
            lines[name] = line
            offsets.append(offset)
    rows = {name: row for row, name in enumerate(lines)}
    return Entities(rows, digest.hexdigest(), {}, path, (modified, size), offsets), problems


def _wrong(fields: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with an entity."""
    language, found = fields.get("description_language"), []
    if not isinstance(language, str) or not WIKIPEDIA_CODE.fullmatch(language):
        found.append(f"description_language {str(language)[:20]!r} is not a language code")
    text = fields.get("description")
    if not isinstance(text, str):
        found.append("no text 'description'")
    elif isinstance(spans := spans_of(fields.get("sentence_spans"), text), str):
        found.append(f"sentence_spans: {spans}")
    return found


def entity_text(fields: Mapping[str, Any]) -> str | None:
    """The sentences of the description, without the title; None where they are not those of a text."""
    text = fields.get("description")
    spans = spans_of(fields.get("sentence_spans"), text) if isinstance(text, str) else "no text"
    if not isinstance(text, str) or isinstance(spans, str):
        return None
    return normalised(" ".join(text[start:end] for start, end in spans))


def normalised(text: str) -> str:
    """Lines joined by a space, two spaces made one, once, as the reference does it; no space around it."""
    return " ".join(text.splitlines()).replace("  ", " ").strip()
