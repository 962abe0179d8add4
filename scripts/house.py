"""What a change costs, in numbers: ``python -m scripts.house`` prints them as a markdown table.

Counted from the source alone: circles of imports (those inside functions and for typing included), branches on a task
type outside of the type's own modules, loose modules, signatures with ``Any``, readers of run folders, hand-made parses
of signatures. The layers themselves are held by import-linter.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOPS = ("harness", "tasks", "submissions")
EXAMPLES = ("SentencePair", "TaggedSentence", "SpanQuestion", "ChoiceQuestion", "Bitext", "Corpora")
OF_TYPES = (
    "tasks/types/",
    "tasks/readers/",
    "tasks/metrics/",
    "harness/evaluation/answer/",
    "harness/train/objectives/",
)
DOORS = ("__init__.py", "__main__.py", "api.py", "version.py", "progress.py")


def sources() -> Iterator[tuple[str, str]]:
    """Path below the root and text of every module."""
    for top in TOPS:
        for path in sorted((ROOT / top).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def functions() -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    for _, text in sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def mentions_any(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a signature has ``Any`` in it."""
    every = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg)
    hints = [argument.annotation for argument in every if argument] + [node.returns]
    return any(isinstance(part, ast.Name) and part.id == "Any" for hint in hints if hint for part in ast.walk(hint))


def files_with(pattern: str, *, but: tuple[str, ...] = ()) -> list[str]:
    """Modules that a regular expression is found in, but for those below some folders."""
    return [path for path, text in sources() if re.search(pattern, text) and not path.startswith(but)]


def circles() -> list[list[str]]:
    """Modules that import each other, as strongly connected components."""
    edges = {_module(path): _imports(text) for path, text in sources()}
    edges = {module: {target for target in targets if target in edges} - {module} for module, targets in edges.items()}
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


def _module(path: str) -> str:
    parts = path.removesuffix(".py").split("/")
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(["xharness", *parts[1:]] if parts[0] == "harness" else ["xharness", *parts])


def _imports(text: str) -> set[str]:
    """Modules that a text imports; of ``from package import name`` both the package and what may be a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            known = {name for name in submodules if _is_module(name)}
            found |= known or {node.module}
    return found


def _is_module(name: str) -> bool:
    parts = name.split(".")[1:]
    top = [] if parts[:1] and parts[0] in TOPS[1:] else ["harness"]
    path = ROOT.joinpath(*top, *parts)
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def measures() -> dict[str, str]:
    """Name and value of each measure."""
    loose = [path for path, _ in sources() if re.fullmatch(r"harness/[^/]+\.py", path)]
    examples = "|".join(EXAMPLES)
    branches = rf"isinstance\([^)]*\b(?:{examples})\b|\bcase (?:{examples})\(|\.type is\b|\.type\.name =="
    signatures = list(functions())
    share = sum(map(mentions_any, signatures)) / len(signatures)
    return {
        "circles of imports": str(len(circles())),
        "modules that branch on a task type outside of its own": str(len(files_with(branches, but=OF_TYPES))),
        "loose modules in harness/ beside the doors": str(len([p for p in loose if not p.endswith(DOORS)])),
        "signatures with Any": f"{100 * share:.0f} % of {len(signatures):,}",
        "modules that parse a signature by hand": str(len(files_with(r'signature\.split\("\|"\)|"\|"\).*signature'))),
        'modules that index ["xharness"]': str(len(files_with(r'\["xharness"\]|\.get\("xharness"'))),
        "imports inside functions": str(
            sum(len(re.findall(r"^ +(?:from|import) xharness", t, re.M)) for _, t in sources())
        ),
        "modules": str(len(list(sources()))),
        "lines": f"{sum(text.count(chr(10)) for _, text in sources()):,}",
    }


if __name__ == "__main__":
    print("| measure | value |\n| --- | --- |")
    for name, value in measures().items():
        print(f"| {name} | {value} |")
