"""What a change costs, in numbers: ``python -m scripts.house`` prints them as a markdown table.

Counted from the source alone. Three things of the table cannot be counted so: facts that are written twice, behaviour
that hangs on words, and whether a seam is real, for which ``tests/outside`` stands.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scripts.imports import ROOT, circles, sources, upward
from scripts.lazy_imports import lazy_imports

EXAMPLES = ("SentencePair", "TaggedSentence", "SpanQuestion", "ChoiceQuestion", "Bitext", "Corpora")
OF_TYPES = (
    "tasks/types/",
    "tasks/readers/",
    "tasks/metrics/",
    "harness/evaluation/answer/",
    "harness/train/objectives/",
)
DOORS = ("__init__.py", "__main__.py", "api.py", "version.py", "progress.py")
DATA_ROOMS = ("harness/demo/", "harness/fetch/")  # what makes data files: they cannot but know their tasks
# What a table is made of in each format.
FORMATS = {
    "terminal": r"\bRichTable\)?[:(]",
    "markdown": r"\|\s*(?:---|:--)|\"\| \"|' \| '|\" \| \"\.join",
    "HTML": r"<t[rhd][ >]|<table",
    "LaTeX": r"begin\{+tabular",
    "CSV": r"csv\.writer",
}


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


def shared_names() -> Mapping[str, list[str]]:
    """Names of classes that another module gives to a class or type of its own, with the modules."""
    found: dict[str, set[str]] = {}
    classes = set()
    for path, text in sources():
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.ClassDef(name=name):
                    classes.add(name)
                case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id="TypeAlias")):
                    pass
                case _:
                    continue
            found.setdefault(name, set()).add(path)
    return {name: sorted(found[name]) for name in sorted(classes) if len(found[name]) > 1}


def without_tests() -> list[str]:
    """Modules with a function in them that have no test file of their own; those behind commands and doors included."""
    return [
        path
        for path, text in sources()
        if not path.endswith(("/__init__.py", "/__main__.py"))
        and any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(text)))
        and not (mirrored := ROOT / "tests" / path).with_name(f"test_{mirrored.name}").is_file()
    ]


def files_with(pattern: str, *, but: Sequence[str] = ()) -> list[str]:
    """Modules that a regular expression is found in, but for those below some folders."""
    return [
        path for path, text in sources() if re.search(pattern, text, re.MULTILINE) and not path.startswith(tuple(but))
    ]


def of_types() -> Mapping[str, list[str]]:
    """By task type the modules outside of its own that import it, tasks of it left out."""
    names = [
        path.stem
        for path in (ROOT / "tasks" / "types").glob("*.py")
        if re.search(r"^class \w+\(TaskType", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    found = {name: files_with(rf"xharness\.tasks\.types\.{name}\b", but=(*OF_TYPES, *DATA_ROOMS)) for name in names}
    return {
        name: [path for path in paths if not re.fullmatch(r"tasks/(intermediate/)?\w+\.py", path)]
        for name, paths in found.items()
    }


def of_tasks() -> Mapping[str, list[str]]:
    """By built-in task the modules outside of its own that name it in quotes."""
    names = [
        path.stem
        for path in (ROOT / "tasks").glob("*.py")
        if re.search(r"^TASK\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    return {name: files_with(rf"[\"']{name}[\"']", but=(f"tasks/{name}.py", *DATA_ROOMS)) for name in names}


def most(found: Mapping[str, list[str]]) -> str:
    """The numbers of modules: the middle one and the largest."""
    counts = sorted(map(len, found.values()))
    return f"{counts[len(counts) // 2]}, at most {counts[-1]}"


def _counted(values: Iterable[str]) -> str:
    """How often each value is there, the most frequent first."""
    return ", ".join(f"{value} {count}" for value, count in Counter(values).most_common())


def measures() -> dict[str, str]:
    """Name and value of each measure."""
    loose = [path for path, _ in sources() if re.fullmatch(r"harness/[^/]+\.py", path)]
    examples = "|".join(EXAMPLES)
    branches = rf"isinstance\([^)]*\b(?:{examples})\b|\bcase (?:{examples})\(|\.type is\b|\.type\.name =="
    signatures = list(functions())
    share = sum(map(mentions_any, signatures)) / len(signatures)
    return {
        "modules outside of its own that import a task type": most(of_types()),
        "modules outside of its own that name a built-in task": most(of_tasks()),
        "modules that branch on a task type outside of its own": str(len(files_with(branches, but=OF_TYPES))),
        "circles of imports": str(len(circles())),
        "upward imports": str(len(upward())),
        "loose modules in harness/ beside the doors": str(len([p for p in loose if not p.endswith(DOORS)])),
        "signatures with Any": f"{100 * share:.0f} % of {len(signatures):,}",
        "modules outside of runs/ that open a run folder by hand": str(
            len(files_with(r'RunFolder\(|"manifest\.json"|"scores\.json"', but=("harness/runs/",)))
        ),
        "modules that parse a signature by hand": str(len(files_with(r'signature\.split\("\|"\)|"\|"\).*signature'))),
        "class names that stand in more than one module": str(len(shared_names())),
        'modules that index ["xharness"]': str(len(files_with(r'\["xharness"\]|\.get\("xharness"'))),
        "modules that write tables, by format": ", ".join(
            f"{name} {len(files_with(pattern, but=(*DATA_ROOMS, 'tasks/')))}" for name, pattern in FORMATS.items()
        ),
        "modules with functions that have no test file of their own": str(len(without_tests())),
        "imports inside functions, by reason": _counted(each.reason for each in lazy_imports()),
        "modules": str(len(list(sources()))),
        "lines": f"{sum(text.count(chr(10)) for _, text in sources()):,}",
    }


if __name__ == "__main__":
    print("| measure | value |\n| --- | --- |")
    for name, value in measures().items():
        print(f"| {name} | {value} |")
