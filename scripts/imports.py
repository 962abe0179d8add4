"""Which module imports which, read from the source: imports inside functions and for typing included."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOPS = ("harness", "tasks", "submissions")


def sources() -> Iterator[tuple[str, str]]:
    """Path below the root and text of every module."""
    for top in TOPS:
        for path in sorted((ROOT / top).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def graph() -> dict[str, set[str]]:
    """The modules that each module imports."""
    edges = {module_name(path): _imports(text) for path, text in sources()}
    return {module: {target for target in targets if target in edges} - {module} for module, targets in edges.items()}


def layers() -> Mapping[str, int]:
    """The layer of each room, 0 at the top, as import-linter has them."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    listed = next(rule["layers"] for rule in rules if rule["type"] == "layers")
    return {room.strip(): depth for depth, rooms in enumerate(listed) for room in rooms.split("|")}


def upward() -> list[tuple[str, str]]:
    """Imports of a room above."""
    depths = layers()

    def depth(module: str) -> int | None:
        return depths.get(".".join(module.split(".")[:2]))

    return [
        (module, target)
        for module, targets in graph().items()
        for target in sorted(targets)
        if (here := depth(module)) is not None and (there := depth(target)) is not None and there < here
    ]


def circles() -> list[list[str]]:
    """Modules that import each other, as strongly connected components."""
    edges = graph()
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def walk(module: str) -> None:
        order[module] = low[module] = len(order)
        stack.append(module)
        for target in edges[module]:
            if target not in order:
                walk(target)
                low[module] = min(low[module], low[target])
            elif target in stack:
                low[module] = min(low[module], order[target])
        if low[module] == order[module]:
            place = stack.index(module)
            component = stack[place:]
            del stack[place:]
            if len(component) > 1:
                found.append(sorted(component))

    for module in edges:
        if module not in order:
            walk(module)
    return found


def module_name(path: str) -> str:
    """The name under which a source file is imported."""
    parts = path.removesuffix(".py").split("/")
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(["xharness", *parts[1:]] if parts[0] == "harness" else ["xharness", *parts])


def _imports(text: str) -> set[str]:
    """Modules that a text imports."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {name for node in nodes for name in imported(node)}


def imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    """Modules that a statement imports; of ``from package import name`` those of the names that are modules, if any."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if not node.module:
        return set()
    submodules = {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in submodules if _is_module(name)} or {node.module}


def _is_module(name: str) -> bool:
    if not name.startswith("xharness."):
        return False
    parts = name.split(".")[1:]
    top = [] if parts[:1] and parts[0] in TOPS[1:] else ["harness"]
    path = ROOT.joinpath(*top, *parts)
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
