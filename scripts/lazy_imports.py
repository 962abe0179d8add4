"""Why modules import others inside functions, read from the source.

| reason | what it means |
| --- | --- |
| circle | at the top of the module it would be imported by itself |
| start-up | it would be loaded for every command, or with the first function that a program uses |
| package | it brings a package along that its module does without, such as torch |
| size | it brings :data:`MANY` modules or more along, which not every caller needs |
| none | it could stand at the top |
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from scripts.imports import imported, module_name, sources
from xharness.cli.commands import PLACES

COMMANDS = {f"xharness.cli.{place.partition(':')[0]}" for place in PLACES.values()}
DOORS = ("xharness.cli.app", "xharness.api", *sorted(COMMANDS))
MANY = 5
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class LazyImport(NamedTuple):
    """A statement inside a function that imports a module of ours."""

    path: str
    line: int
    reason: str


def lazy_imports() -> Iterator[LazyImport]:
    """All of them."""
    for path, text in sources():
        for node in _inside_functions(ast.parse(text), False):
            if targets := {name for name in imported(node) if name.startswith("xharness")}:
                yield LazyImport(path, node.lineno, _reason(module_name(path), targets))


def _reason(module: str, targets: set[str]) -> str:
    brought = frozenset[str]().union(*map(loaded_with, targets))
    more = brought - loaded_with(module)
    if module in brought:
        return "circle"
    if any(module in loaded_with(door) and brought - loaded_with(door) for door in DOORS):
        return "start-up"
    if any(not name.startswith("xharness") and name not in sys.stdlib_module_names for name in more):
        return "package"
    return "size" if sum(name.startswith("xharness") for name in more) >= MANY else "none"


@cache
def loaded_with(module: str) -> frozenset[str]:
    """What is imported with a module, itself included: our modules, and the packages of others by name."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _at_import().get(name, ()) if name.startswith("xharness") else ()
            waiting += [name.rpartition(".")[0]] if "." in name else []
    return frozenset(seen)


@cache
def _at_import() -> dict[str, set[str]]:
    """By module what is imported at its top, but for what is so for typing only."""
    found: dict[str, set[str]] = {}
    for path, text in sources():
        names = {name for node in _at_top(ast.parse(text)) for name in imported(node)}
        found[module_name(path)] = {name if name.startswith("xharness") else name.split(".")[0] for name in names}
    return found


def _at_top(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not isinstance(child, FUNCTIONS) and not _for_typing(child):
            yield from _at_top(child)


def _inside_functions(node: ast.AST, inside: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            if inside:
                yield child
        else:
            yield from _inside_functions(child, inside or isinstance(child, FUNCTIONS))


def _for_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
