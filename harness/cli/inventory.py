"""What ``xharness data check`` found, as a table and sentences for people and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xharness.cli.screen import say
from xharness.tables.table import Column, Table, TableRow, words
from xharness.tables.terminal import render

if TYPE_CHECKING:
    from xharness.tasks.base import Task
    from xharness.tasks.common.errors import Problem
    from xharness.tasks.common.json_types import JsonObject
    from xharness.tasks.data import DataFolder
    from xharness.tasks.inventory import CellCounts, Summary
    from xharness.tasks.registry import Benchmark

SHOWN = 6
MOST_LANGUAGES = 40  # as XTREME has


@dataclass(frozen=True)
class Checked:
    """What a data folder holds.

    Attributes:
        benchmark: Whose languages count.
        tasks: Those that were asked for, and by default those beyond the benchmark that the folder holds as well.
        cells: Every file that was read, by task, language and split.
        intact: The manifest of what was fetched, if all of it is unchanged; None otherwise.
        problems: Every malformed line, and every fetched file that is missing or has changed.
    """

    folder: DataFolder
    benchmark: Benchmark
    tasks: Sequence[Task]
    cells: Sequence[CellCounts]
    summaries: Sequence[Summary]
    intact: Path | None
    problems: Sequence[Problem]


def print_facts(found: Checked) -> None:
    """The table, a line a task, notes and counts."""
    cells = found.cells
    _print_table(found)
    say(*map(_sentence, found.summaries))
    print_list("Notes", [f"{_place(cell)}: {note}" for cell in cells for note in cell.notes])
    intact = [f"every file that was fetched is unchanged ({found.intact})"] if found.intact else []
    say("", *_conclusion(cells), *_rows(cells), *intact)


def _print_table(found: Checked) -> None:
    """One row a task and language, as wide as it needs to be."""
    from xharness.cli.tables import print_whole

    folder, cells = found.folder, found.cells
    names = ("task", "language", "test", "published", "gold", "dev", "train", "bad")
    columns = [Column(name, numeric=name in ("test", "dev", "train", "bad")) for name in names]
    rows = []
    by_place = {(cell.task.name, cell.language, cell.split): cell for cell in cells}
    for task in found.tasks:
        languages = dict.fromkeys(cell.language for cell in cells if cell.task.name == task.name)
        for number, language in enumerate(languages):
            test, dev, train = (by_place.get((task.name, language, split)) for split in ("test", "dev", "train"))
            problems = sum(len(cell.problems) for cell in (test, dev, train) if cell)
            texts = (
                task.name if number == 0 else "",
                _language(found.benchmark, task, language),
                _size(test),
                _published(test),
                _gold(test),
                _with_gold(dev),
                _with_gold(train),
                problems or "",
            )
            rows.append(TableRow([*map(words, texts)], ends_section=number == len(languages) - 1))
    title = f"{folder.download}, gold in {folder.labels or 'no folder'}"
    print_whole(render(Table("inventory", title, columns, rows)))


def _language(benchmark: Benchmark, task: Task, language: str) -> str:
    """A language, with a word on those that the benchmark does not count."""
    from xharness.submissions.files import languages_in
    from xharness.tasks.registry import languages_of

    if language in languages_in(benchmark, task):
        return language
    scored = language in languages_of(task) and language not in task.beside
    return f"{language} (XTREME-R)" if scored else f"{language} (not scored)"


def _size(cell: CellCounts | None) -> str:
    if cell is None:
        return ""
    return str(cell.examples) if cell.targets is None else f"{cell.examples} + {cell.targets}"


def _published(cell: CellCounts | None) -> str:
    """How the count compares; mining is published as a number of pairs."""
    if cell is None:
        return ""
    if cell.published is None:
        return "unknown"
    unit = "" if cell.targets is None else " pairs"
    return {True: "equal", False: f"differs: {cell.published}{unit}", None: f"? {cell.published}{unit}"}[cell.matches]


def _gold(cell: CellCounts | None) -> str:
    """Where gold comes from, and how much where that is not one an example."""
    from xharness.tasks.gold import WITH_EXAMPLES

    if cell is None:
        return ""
    if cell.gold is None:
        return "missing"
    where = WITH_EXAMPLES if cell.gold_source == WITH_EXAMPLES else "labels"
    return where if cell.gold == cell.examples else f"{cell.gold} {where}"


def _with_gold(cell: CellCounts | None) -> str:
    """Size of a split that is expected to carry gold."""
    if cell is None:
        return ""
    if cell.gold is None:
        return f"{_size(cell)}, no gold"
    return _size(cell) if cell.gold == cell.examples else f"{_size(cell)}, {cell.gold} gold"


def _sentence(summary: Summary) -> str:
    """One task in one line."""
    task = summary.task
    if task.reader is None:
        return f"{task.name}: can be scored, but not read"
    if not any(summary.splits.values()):
        return f"{task.name}: nothing there"
    scored = len(summary.scored)
    parts = [f"test in {scored} of {scored + len(summary.missing)} languages"]
    if summary.missing:
        parts[0] += f" (missing: {_named(summary.missing)})"
    if summary.present:
        gold = f"gold missing: {' '.join(summary.without_gold)}" if summary.without_gold else "gold for all of them"
        parts.append(gold)
    parts += [f"{split}: {' '.join(summary.splits[split])}" for split in ("dev", "train") if summary.splits[split]]
    return f"{task.name}: {'; '.join(parts)}"


def _named(languages: Sequence[str]) -> str:
    """Languages, of very many the first."""
    if len(languages) <= MOST_LANGUAGES:
        return " ".join(languages)
    return f"{' '.join(languages[:SHOWN])} and {len(languages) - SHOWN} more, which --json names"


def _conclusion(cells: Sequence[CellCounts]) -> list[str]:
    """How many test sets are there, have the published size, and have gold."""
    tests = [cell for cell in cells if cell.split == "test"]
    equal, gold = sum(cell.matches is True for cell in tests), sum(cell.gold is not None for cell in tests)
    lines = [f"{len(tests)} test sets: {equal} of the published size, {gold} with gold"] if tests else []
    if differ := [f"{cell.task.name} {cell.language}" for cell in tests if cell.matches is False]:
        more = f" and {len(differ) - SHOWN} more" if len(differ) > SHOWN else ""
        lines.append(f"not comparable with published scores: {', '.join(differ[:SHOWN])}{more}")
    return lines


def _rows(cells: Sequence[CellCounts]) -> list[str]:
    """Rows read, used and left out, over all cells; a file of several languages is read once for each."""
    lines = []
    for unit in dict.fromkeys(rows.unit for cell in cells for rows in cell.rows):
        counted = [rows for cell in cells for rows in cell.rows if rows.unit == unit]
        lost: Counter[str] = Counter()
        for rows in counted:
            lost.update({reason: number for reason, number in rows.left_out.items() if number})
        reasons = f", {sum(lost.values()):,} left out ({'; '.join(f'{n:,} {why}' for why, n in lost.items())})"
        read, used = sum(rows.read for rows in counted), sum(rows.used for rows in counted)
        lines.append(f"{unit}s: {read:,} read, {used:,} used{reasons if lost else ''}")
    return lines


def print_list(title: str, lines: Sequence[str]) -> None:
    """A title and indented lines; nothing where there are none."""
    if lines:
        say("", title, *(f"  {line}" for line in lines))


def _place(cell: CellCounts) -> str:
    return f"{cell.task.name} {cell.language} {cell.split}"


def facts_as_json(found: Checked) -> JsonObject:
    """The same facts for programs."""
    return {
        "download": str(found.folder.download),
        "labels": str(found.folder.labels) if found.folder.labels else None,
        "tasks": {
            summary.task.name: {
                "missing": list(summary.missing),
                "gold_missing": list(summary.without_gold),
                "cells": [_cell_as_json(cell) for cell in found.cells if cell.task.name == summary.task.name],
            }
            for summary in found.summaries
        },
        "problems": [{"file": str(each.file), "line": each.line, "what": each.what} for each in found.problems],
    }


def _cell_as_json(cell: CellCounts) -> JsonObject:
    return {
        "language": cell.language,
        "split": cell.split,
        "examples": cell.examples,
        "targets": cell.targets,
        "gold": cell.gold,
        "gold_source": cell.gold_source,
        "published": cell.published,
        "matches": cell.matches,
        "problems": len(cell.problems),
        "notes": list(cell.notes),
        "rows": [
            {
                "file": str(rows.file),
                "unit": rows.unit,
                "read": rows.read,
                "used": rows.used,
                "left_out": dict(rows.left_out),
            }
            for rows in cell.rows
        ],
    }
