"""``xharness data check``: what the data folder holds, what is missing, and every malformed line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xharness.cli import complete
from xharness.cli.fetch import fetch
from xharness.cli.options import Quiet, TasksFrom, by_language
from xharness.cli.screen import console, put, say

if TYPE_CHECKING:
    from xharness.tasks.base import Task
    from xharness.tasks.common.errors import Problem
    from xharness.tasks.data import DataFolder
    from xharness.tasks.inventory import Cell, Place, Summary

SHOWN = 6

app = typer.Typer(no_args_is_help=True, help="Fetch and check the data folder; score machine-translated data.")
app.command("fetch")(fetch)


@app.callback()
def _root() -> None:
    """The data folder."""


@app.command("translation-quality")
def translation_quality(
    hypothesis: Annotated[list[str], typer.Option(help="LANGUAGE=FILE of translations, a sentence a line. Repeat it.")],
    reference: Annotated[list[str], typer.Option(help="LANGUAGE=FILE of references. Repeat it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")] = False,
) -> None:
    """Score machine-translated data: BLEU and chrF by sacrebleu, with their signatures, per language.

    Example: xharness data translation-quality --hypothesis de=mt.de --reference de=ref.de
    """
    from dataclasses import asdict

    from xharness.tasks.common.errors import UserError
    from xharness.tasks.common.files import render_json
    from xharness.tasks.translation_quality import translation_quality as measure

    translated, references = by_language("--hypothesis", hypothesis), by_language("--reference", reference)
    if odd := sorted(translated.keys() ^ references.keys()):
        why = "every language needs its translations and its references"
        raise UserError(f"only one of the two files for {', '.join(odd)}", why, "give both, with the same language")
    found = [measure(language, path, references[language]) for language, path in translated.items()]
    if as_json:
        put(render_json([asdict(each) for each in found]), exact=True)
        return
    from rich.table import Table

    from xharness.cli.tables import print_whole

    table = Table(title="translations", title_justify="left")
    for column in ("language", "sentences", "BLEU", "chrF"):
        table.add_column(column, justify="left" if column == "language" else "right")
    for each in found:
        table.add_row(each.language, str(each.sentences), f"{each.bleu:.1f}", f"{each.chrf:.1f}")
    print_whole(table)
    for each in found:
        say(f"{each.language}: BLEU|{each.bleu_signature}")
        say(f"{each.language}: chrF|{each.chrf_signature}")


@app.command()
def check(
    data: Annotated[Path, typer.Option(help="Folder with download/ and labels/, or a download/ folder itself.")] = Path(
        "data"
    ),
    labels: Annotated[Path | None, typer.Option(help="Gold folder, if not DATA/labels.")] = None,
    tasks: Annotated[
        str | None,
        typer.Option(
            help="Tasks and groups, e.g. xnli,qa. Default: XTREME and more.", autocompletion=complete.task_names
        ),
    ] = None,
    langs: Annotated[
        str | None, typer.Option(help="Languages, e.g. de,fr. Default: all.", autocompletion=complete.languages)
    ] = None,
    tasks_from: TasksFrom = None,
    quiet: Quiet = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")] = False,
) -> None:
    """Say what is there per task and language, against the published counts, and find every malformed line.

    Missing languages and missing gold are facts; malformed files make the exit code 1, and so do fetched files that are
    missing or have changed since.

    Example: xharness data check --data data
    """
    from xharness.fetch.manifest import NAME, Manifest
    from xharness.tasks.data import DataFolder
    from xharness.tasks.inventory import places, summarise
    from xharness.tasks.registry import open_registry, select_languages

    registry = open_registry(tasks_from)
    chosen = registry.select(tasks)
    languages = select_languages(chosen, langs)
    folder = DataFolder.open(data, labels, names=registry.tasks)
    if tasks is None:
        # What else the folder holds, such as tasks of XTREME-R.
        further = registry.select("all")
        chosen += [task for task in further if task not in chosen and places(folder, [task], languages)]
    cells = _look_at_all(folder, places(folder, chosen, languages), progress=not (quiet or as_json))
    summaries = [summarise(task, cells, languages) for task in chosen]
    fetched = Manifest.load(folder.download.parent)
    changed = fetched.problems({task.name for task in chosen} if tasks else None)
    problems = sorted({*changed, *(problem for cell in cells for problem in cell.problems)})
    if as_json:
        from xharness.tasks.common.files import render_json

        put(render_json(_as_json(folder, cells, summaries, problems)), exact=True)
    else:
        if not quiet:
            _print_table(folder, chosen, cells)
            for summary in summaries:
                say(_sentence(summary))
            _print_list("Notes", [f"{_place(cell)}: {note}" for cell in cells for note in cell.notes])
            intact = [f"every file that was fetched is unchanged ({folder.download.parent / NAME})"]
            say("", *_conclusion(cells), *_rows(cells), *(intact if fetched.files and not changed else []))
        _print_list(
            f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", [str(problem) for problem in problems]
        )
    raise typer.Exit(1 if problems else 0)


def _look_at_all(folder: DataFolder, wanted: Sequence[Place], progress: bool) -> list[Cell]:
    """Read every cell behind a progress bar on stderr."""
    from rich.progress import track

    from xharness.tasks.inventory import look

    screen = console(stderr=True)
    shown = track(wanted, "Reading", console=screen, transient=True, disable=not progress or not screen.is_terminal)
    return [look(folder, place) for place in shown]


def _print_table(folder: DataFolder, tasks: Sequence[Task], cells: Sequence[Cell]) -> None:
    """One row a task and language, as wide as it needs to be."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from xharness.cli.tables import print_whole

    table = Table(
        box=box.SIMPLE,
        pad_edge=False,
        padding=(0, 1),
        title=Text(f"{folder.download}, gold in {folder.labels or 'no folder'}"),
    )
    for column in ("task", "language", "test", "published", "gold", "dev", "train", "bad"):
        left = column in ("task", "language", "gold", "published")
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    by_place = {(cell.task.name, cell.language, cell.split): cell for cell in cells}
    for task in tasks:
        languages = dict.fromkeys(cell.language for cell in cells if cell.task.name == task.name)
        for number, language in enumerate(languages):
            test, dev, train = (by_place.get((task.name, language, split)) for split in ("test", "dev", "train"))
            problems = sum(len(cell.problems) for cell in (test, dev, train) if cell)
            table.add_row(
                task.name if number == 0 else "",
                _language(task, language),
                _size(test),
                _published(test),
                _gold(test),
                _with_gold(dev),
                _with_gold(train),
                str(problems or ""),
                end_section=number == len(languages) - 1,
            )
    print_whole(table)


def _language(task: Task, language: str) -> str:
    """A language, with a word on those that the task itself does not count."""
    from xharness.tasks.registry import languages_of

    if language in task.languages:
        return language
    return f"{language} (XTREME-R)" if language in languages_of(task) else f"{language} (not scored)"


def _size(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return str(cell.examples) if cell.targets is None else f"{cell.examples} + {cell.targets}"


def _published(cell: Cell | None) -> str:
    """How the count compares; mining is published as a number of pairs."""
    if cell is None:
        return ""
    if cell.published is None:
        return "unknown"
    unit = "" if cell.targets is None else " pairs"
    return {True: "equal", False: f"differs: {cell.published}{unit}", None: f"? {cell.published}{unit}"}[cell.matches]


def _gold(cell: Cell | None) -> str:
    """Where gold comes from, and how much where that is not one an example."""
    from xharness.tasks.data import WITH_EXAMPLES

    if cell is None:
        return ""
    if cell.gold is None:
        return "missing"
    where = WITH_EXAMPLES if cell.gold_source == WITH_EXAMPLES else "labels"
    return where if cell.gold == cell.examples else f"{cell.gold} {where}"


def _with_gold(cell: Cell | None) -> str:
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
    scored = [language for language in summary.present if language in task.languages]
    parts = [f"test in {len(scored)} of {len(scored) + len(summary.missing)} languages"]
    if summary.missing:
        parts[0] += f" (missing: {' '.join(summary.missing)})"
    if summary.present:
        gold = f"gold missing: {' '.join(summary.without_gold)}" if summary.without_gold else "gold for all of them"
        parts.append(gold)
    parts += [f"{split}: {' '.join(summary.splits[split])}" for split in ("dev", "train") if summary.splits[split]]
    return f"{task.name}: {'; '.join(parts)}"


def _conclusion(cells: Sequence[Cell]) -> list[str]:
    """How many test sets are there, have the published size, and have gold."""
    tests = [cell for cell in cells if cell.split == "test"]
    equal, gold = sum(cell.matches is True for cell in tests), sum(cell.gold is not None for cell in tests)
    lines = [f"{len(tests)} test sets: {equal} of the published size, {gold} with gold"] if tests else []
    if differ := [f"{cell.task.name} {cell.language}" for cell in tests if cell.matches is False]:
        more = f" and {len(differ) - SHOWN} more" if len(differ) > SHOWN else ""
        lines.append(f"not comparable with published scores: {', '.join(differ[:SHOWN])}{more}")
    return lines


def _rows(cells: Sequence[Cell]) -> list[str]:
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


def _print_list(title: str, lines: Sequence[str]) -> None:
    if lines:
        say("", title, *(f"  {line}" for line in lines))


def _place(cell: Cell) -> str:
    return f"{cell.task.name} {cell.language} {cell.split}"


def _as_json(
    folder: DataFolder, cells: Sequence[Cell], summaries: Sequence[Summary], problems: Sequence[Problem]
) -> dict[str, Any]:
    """The same facts for programs."""
    return {
        "download": str(folder.download),
        "labels": str(folder.labels) if folder.labels else None,
        "tasks": {
            summary.task.name: {
                "missing": list(summary.missing),
                "gold_missing": list(summary.without_gold),
                "cells": [_cell_as_json(cell) for cell in cells if cell.task.name == summary.task.name],
            }
            for summary in summaries
        },
        "problems": [{"file": str(problem.file), "line": problem.line, "what": problem.what} for problem in problems],
    }


def _cell_as_json(cell: Cell) -> dict[str, Any]:
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
