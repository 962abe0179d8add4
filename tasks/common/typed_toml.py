"""TOML into frozen dataclasses: every key is known and every value fits its field, or one line says what does not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from xharness.tasks.common.errors import UserError, suggestion

Value = TypeVar("Value")
SPOKEN = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def read_toml(path: Path, kind: type[Value]) -> Value:
    """The value in a file.

    Raises:
        UserError: it cannot be read, is not TOML, or does not fit; the place is named.
    """
    return typed(read_table(path), kind, str(path))


def read_table(path: Path) -> dict[str, Any]:
    """The table in a file, whatever its keys.

    Raises:
        UserError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UserError(f"cannot read {path}", error.strerror or str(error), "check the path") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise UserError(f"cannot read {path}", f"it is not TOML: {error}", "fix the file") from error


def typed(table: Mapping[str, object], kind: type[Value], place: str) -> Value:
    """A dataclass from a table.

    Args:
        place: Where the table stands, for messages.

    Raises:
        UserError: an unknown or a missing key, or a value of another type.
    """
    known: Any = kind
    hints = _hints(known)
    for key in table:
        if key not in hints:
            raise UserError(f"unknown key '{key}' in {place}", "nothing reads such a key there", suggestion(key, hints))
    missing = [name for name, needed in _needed(known).items() if needed and name not in table]
    if missing:
        raise UserError(f"{place} has no {missing[0]}", "it cannot be left out", f"add {missing[0]} = ...")
    return kind(**{key: _value(value, hints[key], f"{place}: {key}") for key, value in table.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _needed(kind: Any) -> dict[str, bool]:
    return {f.name: f.default is MISSING and f.default_factory is MISSING for f in fields(kind)}


def _value(value: object, hint: Any, place: str) -> Any:
    """One value, as its field's type wants it."""
    if get_origin(hint) in (Union, UnionType):
        options = get_args(hint)
        return _one_of(value, options, place)
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise _wrong(place, value, "a table")
        return typed(value, hint, place)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise _wrong(place, value, "a list")
        return tuple(_value(one, get_args(hint)[0], f"{place}[{number}]") for number, one in enumerate(value))
    if get_origin(hint) is Literal:
        return _known(value, get_args(hint), place)
    if get_origin(hint) is not None:  # a mapping from names
        if not isinstance(value, dict):
            raise _wrong(place, value, "a table")
        return {name: _value(one, get_args(hint)[1], f"{place}.{name}") for name, one in value.items()}
    return _plain(value, hint, place)


def _one_of(value: object, options: tuple[Any, ...], place: str) -> Any:
    """A value of one of several types. ``"none"`` stands for no value, which TOML cannot say."""
    if NoneType in options and isinstance(value, str) and value.lower() == "none":
        return None
    kinds = [kind for kind in options if kind is not NoneType]
    if len(kinds) == 1:
        return _value(value, kinds[0], place)
    if type(value) in kinds:
        return value
    raise _wrong(place, value, " or ".join(SPOKEN[kind] for kind in kinds))


def _known(value: object, words: tuple[str, ...], place: str) -> str:
    """One of some words."""
    if not isinstance(value, str):
        raise _wrong(place, value, SPOKEN[str])
    if value not in words:
        raise UserError(f"{place} cannot be '{value}'", f"it knows {', '.join(words)}", suggestion(value, words))
    return value


def _plain(value: object, kind: type, place: str) -> Any:
    """A text or a number; whole numbers pass for numbers."""
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _wrong(place, value, SPOKEN[kind])
    return value


def _wrong(place: str, value: object, wanted: str) -> UserError:
    return UserError(f"{place} cannot be {value!r}", f"it takes {wanted}", f"give {wanted}")
