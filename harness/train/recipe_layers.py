"""Changes of a recipe as users give them: a TOML file, and ``key=value``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.recipe import TYPES, RecipeValue, field_named
from xharness.tasks.registry import Registry

# Two fields that say the same thing: whoever sets the second means it, whatever a layer below said with the first.
RIVALS = {"steps": ("epochs", None), "warmup_steps": ("warmup_ratio", 0)}


def file_layers(path: Path, task: Task, registry: Registry | None = None) -> list[dict[str, RecipeValue]]:
    """The top level of a TOML file, then the task's table in it. Tables of other tasks are checked as well."""
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UserError(f"cannot read {path}", error.strerror or str(error), "check the path") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise UserError(f"cannot read {path}", f"it is not TOML: {error}", "fix the file") from error
    tables = {key: value for key, value in content.items() if isinstance(value, dict)}
    known = {task.name, *(registry or Registry()).known}
    for table in tables:
        if table not in known:
            raise UserError(
                f"unknown task '{table}' in {path}", "a table bears a task's name", suggestion(table, known)
            )
    top = {key: value for key, value in content.items() if key not in tables}
    checked = {key: _typed_layer(layer, f" in {path}") for key, layer in {"": top, **tables}.items()}
    return [checked[""], checked.get(task.name, {})]


def _typed_layer(layer: Mapping[str, object], where: str) -> dict[str, RecipeValue]:
    """Values as TOML has them, checked by field: whole numbers pass for any number, ``"none"`` for no value."""
    typed: dict[str, RecipeValue] = {}
    for name, value in layer.items():
        types = _types_of(name, where)
        if isinstance(value, str) and type(None) in types and value.lower() == "none":
            typed[name] = None
        elif isinstance(value, int) and not isinstance(value, bool) and float in types:
            typed[name] = float(value)
        elif isinstance(value, int | float | str) and type(value) in types:
            typed[name] = value
        else:
            raise _wrong_type(name, value, where)
    return typed


def sets_layer(sets: Sequence[str]) -> dict[str, RecipeValue]:
    """``key=value`` texts, each parsed by the type of its field."""
    layer: dict[str, RecipeValue] = {}
    for text in sets:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            fix = "write it as key=value, for example learning_rate=1e-5"
            raise UserError(f"cannot set '{text}'", "it is not key=value", fix)
        layer[name] = _parsed(name, value)
    return layer


def _parsed(name: str, text: str) -> RecipeValue:
    """One value from its text."""
    types = _types_of(name, "")
    if type(None) in types and text.lower() == "none":
        return None
    try:
        parsed: RecipeValue = types[0](text)
    except ValueError:
        raise _wrong_type(name, text, "") from None
    return parsed


def _types_of(name: str, where: str) -> tuple[type, ...]:
    """The types a field takes. Raises UserError for a name that is not a field."""
    if name not in TYPES:
        fix = suggestion(field_named(name.lower()), TYPES)
        raise UserError(f"unknown field '{name}'{where}", "a recipe has no such field", fix)
    return TYPES[name]


def _wrong_type(name: str, value: object, where: str) -> UserError:
    """A value that the field cannot take."""
    spoken = {int: "a whole number", float: "a number", str: "a text", type(None): "none"}
    wanted = " or ".join(spoken[kind] for kind in TYPES[name])
    return UserError(f"{name} cannot be '{value}'{where}", f"it takes {wanted}", f"give {wanted}")


def undone(layer: Mapping[str, RecipeValue]) -> dict[str, RecipeValue]:
    """What a layer takes back from those below by setting the rival field.

    Raises:
        UserError: it sets both of a pair, so that one would be ignored.
    """
    undone: dict[str, RecipeValue] = {}
    for name, (rival, off) in RIVALS.items():
        if rival not in layer:
            continue
        if layer.get(name, off) != off:
            why = f"both say the same thing, and {name} would win"
            raise UserError(f"{name} and {rival} are both set", why, f"leave out {name} or {rival}")
        undone[name] = off
    return undone


def layered(lower: Mapping[str, RecipeValue], upper: Mapping[str, RecipeValue]) -> dict[str, RecipeValue]:
    """Two layers as one: a field of the upper one comes before the same one below, and before its rival there."""
    rivals = {name: rival for name, (rival, _) in RIVALS.items()}
    rivals |= {rival: name for name, rival in rivals.items()}
    return {name: value for name, value in lower.items() if rivals.get(name) not in upper} | dict(upper)
