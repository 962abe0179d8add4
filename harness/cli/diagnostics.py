"""``xharness checklist``, ``mixed`` and ``breakdown``: what a model can do, beside its scores."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli import complete
from xharness.cli.option_types import DATA, AsJson, ClassifiedTask, DataOption, Labels, Model, Out, TasksFrom
from xharness.cli.options import Execution, Fields, command, execution, progress, split_names
from xharness.cli.outputs import check_output, say_written
from xharness.cli.progress_screen import progress_shown
from xharness.cli.resumable import resumable
from xharness.cli.screen import put_json, say
from xharness.tables.terminal import render
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.outputs import write_output

if TYPE_CHECKING:
    from xharness.evaluation.evaluate import Result
    from xharness.evaluation.prepare import Prepared
    from xharness.tables.table import Table
    from xharness.tasks.common.json_types import JsonObject


CHECKLIST_HELP = """Test a span model on MultiCheckList: six tests of understanding in 50 languages, with error rates.

The cases are generated from the published templates. A case counts as failed if any of its answers is wrong.

Example: xharness checklist --model squad/ --templates checklist_templates.tsv --out runs/checklist
"""

MIXED_HELP = """Test a classifier on XNLI or PAWS-X with the two texts of a pair in different languages.

Rows of the matrix are languages of the first text (XNLI: the premise), columns of the second.

Example: xharness mixed --model xnli/ --data data/ --langs de,en,sw --out runs/mixed
"""


def checklist_options(
    model: Model,
    templates: Annotated[Path, typer.Option(help="MultiCheckList's checklist_templates.tsv, your copy of it.")],
    out: Out,
    tests: Annotated[
        str | None,
        typer.Option(help="Of comparisons, intensifiers, properties, professions, animals, animals-2. Default: all."),
    ] = None,
    langs: Annotated[str | None, typer.Option(help="Languages, e.g. de,fr. Default: all in the file.")] = None,
    cases: Annotated[int, typer.Option(help="Of each test in each language.", rich_help_panel=DATA)] = 200,
    seed: Annotated[int, typer.Option(help="Draws the cases.", rich_help_panel=DATA)] = 42,
    as_json: Annotated[bool, typer.Option("--json", help="Print error rates as JSON instead of the table.")] = False,
) -> Fields:
    """What is tested, and how it is shown."""
    return dict(locals())


def mixed_options(
    model: Model,
    data: DataOption,
    out: Out,
    task: ClassifiedTask = "xnli",
    langs: Annotated[
        str | None,
        typer.Option(
            help="Languages, e.g. de,en,sw: all pairs of them. Default: all in the data.",
            autocompletion=complete.languages,
        ),
    ] = None,
    labels: Labels = None,
    limit: Annotated[
        int | None, typer.Option(help="First N pairs of texts of each cell only.", rich_help_panel=DATA)
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write the matrix as a page with a heat map, e.g. m.html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the matrix as JSON instead of the table.")] = False,
) -> Fields:
    """Which pairs, and how they are shown."""
    return dict(locals())


def _checklist(
    *, model: Path, templates: Path, out: Path, tests: str | None, langs: str | None, cases: int, seed: int,
    execution: Execution, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    from xharness.diagnostics.checklist import error_rates, plan, table, task_names
    from xharness.evaluation.options import EvaluateOptions

    chosen = split_names(tests)
    options = EvaluateOptions(
        model=model, data=templates.parent, out=out, tasks=task_names(chosen), langs=langs, **execution
    )
    result = carry_out(plan(options, templates, tests=chosen, cases=cases, seed=seed), quiet or as_json)
    rates = error_rates(result.scored)
    show(result, table(rates), rates.as_json(), quiet, as_json)


def _mixed(
    *, model: Path, data: Path, out: Path, task: str, langs: str | None, labels: Path | None, limit: int | None,
    page: Path | None, execution: Execution, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    from xharness.diagnostics.matrix import matrix, summary, table
    from xharness.diagnostics.mixed_languages import plan
    from xharness.evaluation.options import EvaluateOptions

    check_output(page, ".html", "--page")
    options = EvaluateOptions(model=model, data=data, out=out, labels=labels, limit=limit, **execution)
    result = carry_out(plan(options, task, split_names(langs) if langs is not None else None), quiet or as_json)
    found = matrix(result.prepared.folder.cells(), result.scored, task)
    if page is not None:
        from xharness.diagnostics.pages import heat_map

        write_output(page, heat_map(found))
        if not quiet:
            say_written(page)
    show(result, table(found), found.as_json(), quiet, as_json, summary(found))


checklist = command(
    lambda fields: _checklist(**fields), checklist_options, execution, progress, name="checklist", text=CHECKLIST_HELP
)
mixed = command(lambda fields: _mixed(**fields), mixed_options, execution, progress, name="mixed", text=MIXED_HELP)


def breakdown(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, at most eight.")],
    by: Annotated[str, typer.Option(help="family, script, region or pretraining.")] = "family",
    tasks_from: TasksFrom = None,
    as_json: AsJson = False,
) -> None:
    """Show scores of runs by language family, script, region, or how much text of a language XLM-R was trained on.

    Example: xharness breakdown runs/base runs/new --by pretraining
    """
    from xharness.report.breakdown import breakdowns, check_circle, table
    from xharness.report.gather import load_runs
    from xharness.runs.own_tasks import registry_of

    circle = check_circle(by)
    registry = registry_of(runs, tasks_from)
    found = breakdowns(load_runs(runs, registry), registry.tasks, [circle])[circle]
    if not found:
        why = "these runs have no cell that is one language"
        raise UserError("no score by language to break down", why, "for pairs of languages use: xharness report")
    if as_json:
        put_json([part.as_json() for part in found])
    else:
        _print(table(found, circle))


def carry_out(prepared: Prepared, silent: bool) -> Result:
    """Answer what is not done yet, with a bar."""
    from xharness.evaluation import evaluate

    with resumable(prepared.options.out), nullcontext() if silent else progress_shown() as reporter:
        return evaluate.carry_out(prepared, reporter)


def show(
    result: Result, table: Table, content: JsonObject, quiet: bool, as_json: bool, more: Sequence[str] = ()
) -> None:
    """The table, or JSON, and where the files are."""
    if as_json:
        put_json(content)
    elif not quiet:
        _print(table)
        say(*more, *(f"note: {note}" for note in result.manifest["notes"]))
        done = "" if result.computed else " (everything was done already)"
        say(f"{result.prepared.folder.path}: scores.json, predictions/, items/, manifest.json{done}")


def _print(table: Table) -> None:
    """A table on the screen, whole."""
    from xharness.cli.tables import print_whole

    print_whole(render(replace(table, caption=table.heading)))
