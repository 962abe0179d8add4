"""Code of the user's own that reads or measures: a part of a cell's key, because our version does not tell it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from xharness.evaluation.answer import answerer_of
from xharness.tasks.base import Task
from xharness.tasks.common.files import sha256

OURS = "xharness"


def code_of(task: Task) -> dict[str, str]:
    """What tells the parts of a task of the user's own apart: reader, metric, type, ...; nothing for this package's.

    A class that declares a ``version`` (a text) is known by that, any other by a hash of the file that it stands in.
    Their plain attributes count as well: the same reader may look for other files.
    """
    parts: dict[str, object] = {"reader": task.reader, "metric": task.metric, "type": task.type}
    parts |= {"combination": task.combination}
    parts |= {"answerer": answerer_of(task)} if task.type.plugin else {}
    return {name: told for name, part in parts.items() if (told := _told(part))}


def _told(part: object) -> str:
    kind = type(part)
    if part is None or kind.__module__.partition(".")[0] == OURS:
        return repr(found) if (found := dict(_plain(part))) else ""
    declared = getattr(part, "version", None)
    known = f"version {declared}" if isinstance(declared, str) else _source(kind)
    return f"{kind.__qualname__} {known} {dict(_plain(part))}"


def _source(kind: type) -> str:
    """Hash of the file that declares a class; its name alone where there is no file."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return sha256([Path(file)]) if file and Path(file).is_file() else kind.__module__


def _plain(part: object) -> Iterator[tuple[str, object]]:
    """Attributes whose representation says all there is of them, in order of their names."""
    names = sorted({*getattr(part, "__dict__", ()), *getattr(type(part), "__slots__", ())})
    for name in names:
        value = getattr(part, name, None)
        if _is_plain(value):
            yield name, value


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(inner) for key, inner in value.items())
    return value is None or type(value) in (str, int, float, bool)
