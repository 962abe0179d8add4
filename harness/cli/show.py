"""``xharness show``: the scores of a run that is on disk."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from xharness.cli.option_types import RunArgument, TasksFrom
from xharness.cli.screen import put
from xharness.tables.terminal import render


class ShownBy(StrEnum):
    """What is shown of a run."""

    TASK = "task"
    LANGUAGE = "language"
    CELL = "cell"


def show(
    run: RunArgument,
    by: Annotated[ShownBy, typer.Option(help="task: averages. language: languages by tasks. cell: all there is.")] = (
        ShownBy.TASK
    ),
    tasks_from: TasksFrom = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print scores.json instead of the table.")] = False,
) -> None:
    """Show the scores of a run again, checked against its items.

    Example: xharness show runs/mymodel --by language
    """
    from xharness.runs.own_tasks import registry_of
    from xharness.runs.reading import open_run
    from xharness.submissions.scores import to_json

    registry = registry_of([run], tasks_from)
    found = open_run(run, registry)
    if as_json:
        put(to_json(found.scores.content()), exact=True)
        return
    from xharness.cli.score_details import cells_table, languages_table
    from xharness.cli.tables import print_whole, scores_table, sweep_tables

    if by is ShownBy.TASK:
        for part in (*scores_table(found.scores, registry.tasks), *sweep_tables(found.scores)):
            print_whole(part)
    else:
        print_whole(render(languages_table(found.scores) if by is ShownBy.LANGUAGE else cells_table(found.scores)))
