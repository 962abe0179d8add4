"""How files of answers are read: text that is decoded once, lines as the official scorer reads them, JSON with lines.

Lines mean what they mean to the official scorer: they end in LF, CR LF or CR, every line is stripped of surrounding
white space, and an empty line counts (as an empty answer, or as the end of a sentence).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeAlias, TypeGuard, TypeVar

from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.common.text import shortened
from xharness.tasks.types.base import Parsed

FileT = TypeVar("FileT")
ValueT = TypeVar("ValueT")
Wrong: TypeAlias = tuple[int, str]  # 1-based line (0: the whole file) and what is wrong there


class Content(NamedTuple, Generic[FileT]):
    """A file's content before it has a name: answers, line of each, and (line, what) of everything unreadable."""

    answers: FileT
    lines: Sequence[int]
    wrong: Sequence[Wrong] = ()


def read(parse: Callable[[str], Content[FileT]], path: Path) -> Parsed[FileT]:
    """A file by its parser. Raises OSError if it cannot be opened."""
    data = path.read_bytes()
    text, wrong = _decode(data)
    content = parse(text)
    problems = (Problem(path, line, what) for line, what in (*wrong, *content.wrong))
    return Parsed(content.answers, tuple(content.lines), tuple(problems))


def _decode(data: bytes) -> tuple[str, list[Wrong]]:
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return data.decode("utf-8", errors="replace").removeprefix("\ufeff"), [(line, what)]


# --- lines -----------------------------------------------------------------------------------------------------------


def stripped_lines(text: str) -> list[str]:
    """Stripped lines; what follows the last line end is a line only if it is not nothing."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        del lines[-1]
    return list(map(str.strip, lines))


def parse_lines(text: str) -> Content[list[str]]:
    """One answer a line."""
    lines = stripped_lines(text)
    return Content(lines, range(1, len(lines) + 1))


def render_lines(lines: Iterable[str]) -> str:
    """One answer a line, with a final newline."""
    return "".join(f"{line}\n" for line in lines)


# --- JSON ------------------------------------------------------------------------------------------------------------


def parse_object(text: str, valid: Callable[[object], TypeGuard[ValueT]], wanted: str) -> Content[dict[str, ValueT]]:
    """One JSON object, unwrapped if it sits under a key ``data``; a repeated key keeps its last value."""
    try:
        loaded = parse_json(text)
    except JsonError as error:
        return Content({}, (), [broken(error)])
    content = loaded["data"] if isinstance(loaded, dict) and "data" in loaded else loaded
    if not isinstance(content, dict):
        swapped = "; it looks like gold, and predictions come first" if _is_squad(content) else ""
        what = f"holds a JSON {_json_type(content)}, not one object of ids and answers{swapped}"
        return Content({}, (), [(0, what)])
    first: dict[str, int] = {}
    wrong: list[Wrong] = []
    for key, line in _keys(text):
        if key not in content:
            continue
        if key in first:
            wrong.append((line, f"id '{key}' is there twice, first on line {first[key]}; keep one"))
        elif not valid(content[key]):
            wrong.append((line, f"answer of '{key}' is {shortened(json.dumps(content[key]))}, not {wanted}"))
        first.setdefault(key, line)
    kept = {key: value for key, value in content.items() if valid(value)}
    return Content(kept, [first[key] for key in kept], wrong)


def render_object(answers: object) -> str:
    """One JSON object."""
    return json.dumps(answers, indent=4) + "\n"


def broken(error: JsonError) -> Wrong:
    """What is wrong with JSON that cannot be read, and where."""
    return error.line, f"{error.what}; write it with a JSON library"


_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)


def _keys(text: str) -> Iterator[tuple[str, int]]:
    """Every object key of valid JSON with the line where it stands."""
    return located(text, (match for match in _STRING.finditer(text) if match[2]))


def located(text: str, matches: Iterable[re.Match[str]]) -> Iterator[tuple[str, int]]:
    """The first group of each match, as the JSON string that it is, and its 1-based line."""
    line, position = 1, 0
    for match in matches:
        line += text.count("\n", position, match.start())
        position = match.start()
        yield (json.loads(f'"{match[1]}"') if "\\" in match[1] else match[1]), line


def _is_squad(content: object) -> bool:
    """Whether this is what SQuAD JSON has under ``data``."""
    return isinstance(content, list) and any(isinstance(entry, dict) and "paragraphs" in entry for entry in content)


def _json_type(value: object) -> str:
    names = {list: "list", str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
    return names.get(type(value), type(value).__name__)
