"""JSON that others wrote: what Python's parser lets through or dies of is an error with its line.

Refused beyond what is not JSON: ``NaN`` and ``Infinity`` (Python's own additions) and numbers that overflow to
infinity, numbers of more than :data:`MOST_DIGITS` characters (Python refuses to print integers of 4,300 digits and
takes quadratic time for them), more than :data:`MOST_LEVELS` brackets in each other (a recursion error), and half a
surrogate pair, which no UTF-8 file can hold.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from xharness.tasks.common.json_types import Json, JsonObject

MOST_DIGITS = 300
MOST_LEVELS = 200

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]|-?[A-Za-z0-9.+-]+')


class JsonError(ValueError):
    """Text that is not JSON, or JSON that no file of ours may hold.

    Args:
        what: What is wrong, for people; without the line.
        line: 1-based line of the text.
    """

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what, line)
        self.what, self.line = what, line

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


def parse_json(text: str) -> Any:
    """The value that a JSON text holds; ``Any``, for whoever reads it checks its shape, which types cannot follow.

    Raises:
        JsonError: it is not JSON, or holds what the module refuses; nothing else is raised for any text.
    """
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_real, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise JsonError(f"broken JSON: {error.msg} (column {error.colno})", error.lineno) from None
    except RecursionError:
        raise _too_deep(text) from None
    except ValueError as error:
        raise JsonError(f"broken JSON: {error}", _line(text, _is_refused_number)) from None
    if _is_deep(value):
        raise _too_deep(text)
    if "\\ud" in text.lower() and _has_half_character(value):
        raise JsonError("a text holds half a character", _line(text, _is_half_text))
    return value


def read_json(path: Path) -> Any:
    """The value that a UTF-8 file holds, as :func:`parse_json`; a byte order mark is dropped.

    Raises:
        OSError: the file cannot be read.
        JsonError: it is not UTF-8, or :func:`parse_json` refuses it.
    """
    content = path.read_bytes()
    try:
        return parse_json(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise JsonError("the file is not UTF-8", content.count(b"\n", 0, error.start) + 1) from None


def as_object(value: object) -> JsonObject:
    """The object that a value is; an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> Sequence[Json]:
    """The list that a value is; an empty one for any other value."""
    return value if isinstance(value, list) else ()


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def _real(digits: str) -> float:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits")
    if not math.isfinite(number := float(digits)):
        raise ValueError(f"{digits[:40]} is not a finite number")
    return number


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _is_deep(value: object) -> bool:
    """Whether there are more than MOST_LEVELS containers in each other. Goes level by level, without recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MOST_LEVELS):
        if not level:
            break
        level = [child for parent in level for child in _children(parent) if isinstance(child, dict | list)]
    return bool(level)


def _children(parent: dict[str, object] | list[object]) -> Iterable[object]:
    return parent.values() if isinstance(parent, dict) else parent


def _too_deep(text: str) -> JsonError:
    depth = 0

    def is_too_deep(token: str) -> bool:
        nonlocal depth
        depth += (token in "[{") - (token in "]}")
        return depth > MOST_LEVELS

    return JsonError(f"broken JSON: more than {MOST_LEVELS} brackets in each other", _line(text, is_too_deep))


def _has_half_character(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _is_half_text(token: str) -> bool:
    return token.startswith('"') and _has_half_character(json.loads(token, strict=False))


def _is_refused_number(token: str) -> bool:
    if token.startswith('"'):
        return False
    try:
        json.loads(token, parse_int=_integer, parse_float=_real, parse_constant=_constant)
    except json.JSONDecodeError:
        return False
    except ValueError:
        return True
    return False


def _line(text: str, is_meant: Callable[[str], bool]) -> int:
    """The line of the first token (text, bracket, number or word) that is meant; 1 if there is none."""
    found = next((token.start() for token in _TOKENS.finditer(text) if is_meant(token[0])), 0)
    return text.count("\n", 0, found) + 1
