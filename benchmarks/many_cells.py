"""Runs of very many cells: how long they take to open, show, compare, report and rank, as commands.

The runs are made up: all of XTREME, and tasks of 200 languages until there are enough cells, with the number of items
that benchmarks of so many languages have (200 to 1,000). A tenth of the answers differ between the two runs. No model
is involved, and no predictions are written.

    python benchmarks/many_cells.py --cells 5000 --folder build/many
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np
from comparing import CHANGED, counts
from load import save

from xharness.runs.folder import RunFolder
from xharness.runs.manifest import FORMAT, KIND, VERSION_FIELD
from xharness.runs.own_tasks import REMEMBERED
from xharness.runs.record import Record
from xharness.submissions.scores import Cell, summarise
from xharness.submissions.signature import Signature
from xharness.tasks.base import Items, Task
from xharness.tasks.common.version import VERSION
from xharness.tasks.registry import XTREME, Registry, open_registry
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA

LANGUAGES = ["en", *map("".join, islice(product("q", ascii_lowercase, ascii_lowercase), 199))]
KINDS = {
    "topics": ("text_classification", 204, True, 'labels = ["a", "b"]\n[task.columns]\nfirst = "text"'),
    "passages": ("multiple_choice", 900, True, '[task.columns]\nchoices = ["one", "two"]'),
    "entities": ("tagging", 500, False, 'labels = ["O", "B-X", "I-X"]'),
    "questions": ("extractive_qa", 400, True, ""),
    "pairs": ("text_classification", 1000, False, 'labels = ["a", "b"]\n[task.columns]\nfirst = "text"'),
}
"""By what the names of made-up tasks begin with: type, items of a cell, whether languages share them, further keys."""


@dataclass(frozen=True)
class MadeUpRun:
    """What is written of one run.

    Attributes:
        seed: 0 for the base; another answers a tenth of the items anew.
    """

    path: Path
    seed: int
    declared: Path
    cells: list[Cell] = field(default_factory=list)


def declare(file: Path, cells: int) -> None:
    """Write the tasks that are needed beside XTREME's."""
    number = -(-max(0, cells - XTREME.cells) // len(LANGUAGES))
    names = islice(((kind, at) for at in range(number) for kind in KINDS), number)
    file.write_text("\n".join(_declaration(kind, at) for kind, at in names), encoding="utf-8")


def _declaration(kind: str, at: int) -> str:
    form, _, parallel, more = KINDS[kind]
    languages = ", ".join(f'"{language}"' for language in LANGUAGES)
    head = f'[[task]]\nname = "{kind}{at}"\ntype = "{form}"\nlanguages = [{languages}]'
    return f'{head}\nparallel = {str(parallel).lower()}\nfiles = {{ test = "{{language}}.x" }}\n{more}\n'


def measured(tasks: Sequence[Task], cells: int, seed: int) -> Iterator[tuple[Task, str, Items]]:
    """Statistics of the first so many cells."""
    names = ((task, language) for task in tasks for language in XTREME.languages.get(task.name, task.languages))
    for number, (task, language) in enumerate(islice(names, cells)):
        kind = KINDS.get(task.name.rstrip("0123456789"))
        size = kind[1] if kind else 200
        first = counts(task, size, np.random.default_rng([0, number]))
        if seed:
            again = np.random.default_rng([seed, number])
            first = np.where(again.random(size)[:, None] < CHANGED, counts(task, size, again), first)
        group = 5 if task.type is EXTRACTIVE_QA else 1
        ids = tuple(map(str, range(size)))
        yield task, language, Items(ids, tuple(ids[row - row % group] for row in range(size)), first)


def write_run(run: MadeUpRun, tasks: Sequence[Task], cells: int) -> None:
    """A finished run folder without predictions."""
    folder = RunFolder(run.path)
    model = f"{run.seed:08x}" * 8
    folder.write_manifest({"kind": KIND, "identity": {"model": {"model": model}, "options": {}}})
    for task, language, items in measured(tasks, cells, run.seed):
        parts = {"metric": task.metric.name, "split": "test", "model": model[:8], "data": f"{task.name}{language}"}
        signature = str(Signature.of(task=f"{task.name}.{language}", **parts))
        size = len(items.ids)
        folder.save(Record(task.name, language, "test", "made up", size, signature), None, {"main": items})
        run.cells.append(Cell(task, language, items, signature, n=size))
    folder.write_manifest(_manifest(run, model, folder.write_scores(summarise(run.cells, XTREME).content())))


def _manifest(run: MadeUpRun, model: str, scores_sha256: str) -> dict[str, Any]:
    facts = {
        "path": "model", "hub": None, "architecture": "bert", "head": "AutoModel", "blocks": 2,
        "weights_sha256": model, "tokenizer_sha256": model, "provenance": None,
    }  # fmt: skip
    done = {VERSION_FIELD: VERSION, "scores_sha256": scores_sha256, REMEMBERED: str(run.declared)}
    identity = {"model": {"model": model}, "options": {}}
    return {"kind": KIND, "format": FORMAT, "identity": identity, "model": {"model": facts}, **done}


def make_runs(folder: Path, cells: int) -> list[Path]:
    """The two runs, unless they are there already."""
    paths = [folder / "base", folder / "new"]
    if not all((path / "scores.json").is_file() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        declared = folder / "tasks.toml"
        declare(declared, cells)
        registry = open_registry(declared)
        tasks = [*(Registry().tasks[name] for name in XTREME.languages), *registry.added.values()]
        for seed, path in enumerate(paths):
            write_run(MadeUpRun(path, seed, declared.resolve()), tasks, cells)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=5_000)
    parser.add_argument("--folder", type=Path, help="where the runs are kept; by default they are made anew")
    parser.add_argument("--repetitions", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        base, new = map(str, make_runs(arguments.folder or Path(name), arguments.cells))
        page = str(Path(name) / "report.html")
        commands = {
            "show": ["show", base],
            "show --by cell": ["show", base, "--by", "cell"],
            "compare": ["compare", base, new],
            "compare --format json": ["compare", base, new, "--format", "json"],
            "leaderboard": ["leaderboard", base, new],
            "report": ["report", base, "--out", page],
            "report of two": ["report", base, new, "--out", page],
        }
        results = []
        for title, command in commands.items():
            seconds = sorted(_seconds(command) for _ in range(arguments.repetitions))
            print(f"{arguments.cells:,} cells: {title}: {seconds[len(seconds) // 2]:.1f} s {seconds}")
            results.append({"cells": arguments.cells, "command": title, "seconds": seconds})
    save("many_cells", results)


def _seconds(command: Sequence[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "xharness", *command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
