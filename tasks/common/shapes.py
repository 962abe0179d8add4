"""What the files of a run must look like: JSON that somebody may have changed, checked before anything is read from it.

A shape is a type (``int`` is not a bool, ``float`` takes whole numbers too), a mapping of fields (a name that ends in
``?`` may be absent, unknown names may be there), a list with the shape of its elements, :class:`Each` for any names, or
a tuple of alternatives.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Shape: TypeAlias = Any  # recursive, which mypy cannot say without a class for each case


@dataclass(frozen=True)
class Each:
    """A mapping of any names to values of one shape."""

    shape: Shape


@dataclass(frozen=True)
class Bounds:
    """Two finite numbers, the lower one first."""


INTERVAL = (Bounds(), None)
NAMES: dict[Any, str] = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false", dict: "an object", list: "a list",
    None: "null",
}  # fmt: skip


def misfit(value: object, shape: Shape, place: str = "") -> str:
    """In what a value has not the shape: ``model.head must be a text``; empty if it has."""
    if isinstance(shape, tuple):
        found = [misfit(value, one, place) for one in shape]
        return "" if "" in found else found[0]
    if isinstance(shape, Mapping):
        return _misfit_fields(value, shape, place)
    if isinstance(shape, Each):
        return _first(value.items(), shape.shape, place) if isinstance(value, dict) else _must(place, dict)
    if isinstance(shape, list):
        return _first(enumerate(value), shape[0], place) if isinstance(value, list) else _must(place, list)
    if isinstance(shape, Bounds):
        return "" if _is_interval(value) else f"{place or 'it'} must be two numbers, the lower one first"
    return "" if _is(value, shape) else _must(place, shape)


def _misfit_fields(value: object, shape: Mapping[str, Shape], place: str) -> str:
    if not isinstance(value, dict):
        return _must(place, dict)
    for name, inner in shape.items():
        plain, where = name.rstrip("?"), f"{place}.{name.rstrip('?')}".lstrip(".")
        if plain not in value:
            if not name.endswith("?"):
                return f"{where} is missing"
        elif wrong := misfit(value[plain], inner, where):
            return wrong
    return ""


def _first(children: Iterable[tuple[object, object]], shape: Shape, place: str) -> str:
    return next(filter(None, (misfit(child, shape, f"{place}.{name}".lstrip(".")) for name, child in children)), "")


def _is(value: object, kind: type | None) -> bool:
    if kind is None:
        return value is None
    if kind in (int, float) and isinstance(value, bool):
        return False
    if kind is float:
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, kind)


def _is_interval(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(_is(bound, float) for bound in value):
        return False
    return bool(value[0] <= value[1])


def _must(place: str, kind: type | None) -> str:
    return f"{place or 'it'} must be {NAMES[kind]}"
