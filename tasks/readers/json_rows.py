"""Large files of JSON lines, read line by line so that they need not fit into memory, with what is wrong on each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_files import JsonError, parse_json

MARK = b"\xef\xbb\xbf"


class JsonRow(NamedTuple):
    """One line: its 1-based number, the byte where it begins, its bytes, and the object in it."""

    line: int
    offset: int
    raw: bytes
    fields: dict[str, Any]


def json_rows(path: Path, problems: list[Problem]) -> Iterator[JsonRow]:
    """Every line that holds a JSON object; any other is a problem, and so is a file without a line."""
    line, offset = 0, 0
    try:
        with path.open("rb") as file:
            for line, raw in enumerate(file, 1):
                fields = _object(raw.removeprefix(MARK) if line == 1 else raw)
                if isinstance(fields, str):
                    problems.append(Problem(path, line, fields))
                else:
                    yield JsonRow(line, offset, raw, fields)
                offset += len(raw)
    except OSError as error:
        problems.append(Problem(path, 0, f"cannot be read: {error.strerror or error}"))
    else:
        if not line:
            problems.append(Problem(path, 0, "the file is empty"))


def _object(raw: bytes) -> dict[str, Any] | str:
    """The object on a line, or what is wrong with it."""
    try:
        found = parse_json(raw.decode())
    except UnicodeDecodeError as error:
        return f"byte 0x{raw[error.start]:02x} is not UTF-8"
    except JsonError as error:
        return error.what if raw.strip() else "empty line"
    return found if isinstance(found, dict) else "not a JSON object"
