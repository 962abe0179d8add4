"""``xharness tasks list`` and ``xharness tasks show NAME``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli import complete
from xharness.cli.option_types import AsJson, TasksFrom
from xharness.cli.screen import put_json
from xharness.tables.table import Column, Table, TableRow, facts, words
from xharness.tables.terminal import render

if TYPE_CHECKING:
    from xharness.tasks.base import Metric, Task

app = typer.Typer(no_args_is_help=True, help="List and show the tasks that xharness knows.")


@app.command("list")
def list_tasks(
    tasks_from: TasksFrom = None,
    as_json: AsJson = False,
) -> None:
    """List tasks and the groups that stand for several of them.

    Example: xharness tasks list
    """
    from xharness.tasks.registry import open_registry

    registry = open_registry(tasks_from)
    if as_json:
        put_json({name: list(task.languages) for name, task in registry.tasks.items()})
        return
    from rich.text import Text

    from xharness.cli.tables import print_whole

    columns = [Column("task"), Column("group"), Column("type"), Column("languages", numeric=True), Column("metric")]
    rows = []
    for task in registry.tasks.values():
        names = " and ".join(task.metric.primary_scores)
        texts = (task.name, task.group, task.type.title, len(task.languages), names)
        rows.append(TableRow([*map(words, texts)]))
    print_whole(render(Table("tasks", "Tasks", columns, rows)))
    for name, members in registry.groups().items():
        print_whole(Text(f"{name}: {', '.join(members)}"))


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name of a task.", autocompletion=complete.task_names)],
    tasks_from: TasksFrom = None,
    as_json: AsJson = False,
) -> None:
    """Show one task: languages, metric, recipe, and an example of input and output file.

    Example: xharness tasks show xnli
    """
    from xharness.tasks.registry import open_registry

    facts = _facts(open_registry(tasks_from).task(name))
    if as_json:
        put_json(facts)
    else:
        _print(name, facts)


def _facts(task: Task) -> dict[str, object]:
    """What is told of a task, by what it is."""
    recipe = _set(asdict(task.recipe)) if task.recipe else {}
    return {
        "title": task.title,
        "type": task.type.title,
        "group": task.group,
        "languages": list(task.languages),
        "test examples": dict(task.published),
        "labels": list(task.labels),
        "metric": _metric(task.metric),
        "longest input": f"{task.max_length} word pieces",
        "recipe": recipe,
        "published averages": {model: round(score, 2) for model, score in task.reference.items()},
        "quoted from": task.reference_source,
        "input": task.sample[0],
        "output file": f"predictions/{task.name}/{task.file_name(task.languages[0])}",
        "a line of it": task.sample[1],
        "citation": task.citation,
        "licence": task.licence,
        "source": task.source,
    }


def _metric(metric: Metric) -> str:
    """Its name, its scores where they are not one of that name, and which of several is the task's number."""
    scores, primary = metric.official_scores, metric.primary_scores
    found = metric.name if tuple(scores) == (metric.name,) else f"{metric.name}: {', '.join(scores)}"
    return found if len(scores) == 1 else f"{found}; number of the task: {' and '.join(primary)}"


def _print(name: str, found: Mapping[str, object]) -> None:
    """Facts that have a value, one a row."""
    from xharness.cli.tables import print_whole

    print_whole(render(facts(name, {fact: words(_words(value)) for fact, value in found.items() if value})))


def _set(fields: Mapping[str, object]) -> dict[str, object]:
    """Fields that have a value, those of a field that is a dataclass itself as well."""
    plain = {name: _set(value) if isinstance(value, dict) else value for name, value in fields.items()}
    return {name: value for name, value in plain.items() if value}


def _words(value: object) -> str:
    """Lists and mappings as a line of words."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(inner)}" for key, inner in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)
