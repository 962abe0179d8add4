"""Tasks declared in TOML, where a type and a reader of this package do; no Python is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.typed_toml import read_table, typed
from xharness.tasks.declarations import (
    BitextRetrievalDeclaration,
    Declaration,
    ExtractiveQaDeclaration,
    MultipleChoiceDeclaration,
    TaggingDeclaration,
    TextClassificationDeclaration,
)

SEVERAL = "task"
"""Name of the tables of a file that declares several tasks."""

TYPES: Mapping[str, type[Declaration]] = {
    "text_classification": TextClassificationDeclaration,
    "tagging": TaggingDeclaration,
    "multiple_choice": MultipleChoiceDeclaration,
    "bitext_retrieval": BitextRetrievalDeclaration,
    "extractive_qa": ExtractiveQaDeclaration,
}


def declared_tasks(path: Path) -> list[Task]:
    """The task of a TOML file, or those of its ``[[task]]`` tables.

    Raises:
        UserError: it cannot be read, a key is unknown or missing, or a value is not what it must be.
    """
    content = read_table(path)
    tables = content.get(SEVERAL)
    if tables is None:
        return [_declared(content, str(path))]
    if len(content) > 1 or not isinstance(tables, list):
        why = f"a file of several tasks has [[{SEVERAL}]] tables and nothing else"
        raise UserError(f"cannot read {path}", why, f"write every key below a [[{SEVERAL}]]")
    return [_declared(table, f"{path}: {SEVERAL} {number}") for number, table in enumerate(tables, 1)]


def _declared(table: Mapping[str, object], place: str) -> Task:
    """One task."""
    kind = table.get("type")
    if not isinstance(kind, str):
        raise UserError(f"{place} has no type", "it decides what the other keys mean", suggestion("", TYPES))
    if kind not in TYPES:
        why = "tasks of other types than these are declared in Python"
        raise UserError(f"unknown type '{kind}' in {place}", why, suggestion(kind, TYPES))
    return typed(table, TYPES[kind], place).task()
