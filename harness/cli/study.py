"""``xharness study``: a matrix of chains with its hypotheses, on one machine or on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xharness.cli import complete
from xharness.cli.option_types import (
    SCREEN,
    SPEED,
    AsJson,
    Quiet,
    TasksFrom,
    TrainData,
    TrainDevice,
    TrainFolder,
    TrainPrecision,
)
from xharness.cli.options import LONGEST, command, split_names
from xharness.cli.resumable import resumable
from xharness.cli.screen import put_json, say
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.outputs import check_folder

if TYPE_CHECKING:
    from xharness.studies.options import StudyOptions
    from xharness.studies.planning import PlannedStudy

app = typer.Typer(no_args_is_help=True, help="Studies: arms x targets x seeds, with hypotheses and a verdict.")

CLUSTER = "Where steps run"
Study = Annotated[str, typer.Argument(help="A study by name (xharness study list), or a TOML file.", metavar="STUDY")]
Folder = Annotated[Path, typer.Argument(help="The --out of xharness study run.", metavar="FOLDER")]


def what(
    study: Study,
    model: Annotated[Path, typer.Option(help="Encoder that every arm starts from: a folder or a fetched id.")],
    data: TrainFolder,
    out: Annotated[Path, typer.Option(help="The study's graph, results and report. The same command continues.")],
    size: Annotated[str, typer.Option(help="One of the sizes that the study declares.")] = "small",
    train_data: TrainData = None,
    store: Annotated[
        Path | None, typer.Option(help="Results of steps, shared by studies. Default: store beside OUT.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Change one value in every recipe: batch_size=16.", autocompletion=complete.recipe_fields
        ),
    ] = None,
    arms: Annotated[str | None, typer.Option(help="Only these arms, with commas.")] = None,
    targets: Annotated[str | None, typer.Option(help="Only these targets, with commas.")] = None,
    seeds: Annotated[
        str | None, typer.Option(help="Only these seeds, with commas. Default: those of the size.")
    ] = None,
    tasks_from: TasksFrom = None,
    layer: Annotated[str, typer.Option(help="Block for retrieval.")] = "reference",
    device: TrainDevice = "auto",
    precision: TrainPrecision = "auto",
    gpus: Annotated[
        int,
        typer.Option(min=0, help="Cards of a step; several share each training and evaluation.", rich_help_panel=SPEED),
    ] = 0,
) -> dict[str, Any]:
    """Which study, on what."""
    return dict(locals())


def where(
    executor: Annotated[str, typer.Option(help="local, ray or slurm.", rich_help_panel=CLUSTER)] = "local",
    jobs: Annotated[
        int | None,
        typer.Option(help="Steps at a time. Default: as many as processors or cards allow.", rich_help_panel=CLUSTER),
    ] = None,
    threads: Annotated[
        int, typer.Option(help="Threads of a step; the same for all, as sums depend on it.", rich_help_panel=CLUSTER)
    ] = 1,
    address: Annotated[
        str | None,
        typer.Option(help="Of a running Ray cluster. Default: one is started here.", rich_help_panel=CLUSTER),
    ] = None,
    time_limit: Annotated[
        int | None, typer.Option(help="Minutes of a step, for Slurm. Default: a day.", rich_help_panel=CLUSTER)
    ] = None,
    partition: Annotated[str | None, typer.Option(help="Of Slurm.", rich_help_panel=CLUSTER)] = None,
) -> dict[str, Any]:
    """Where its steps run."""
    return {"where": dict(locals())}


def screen(quiet: Quiet = False) -> dict[str, Any]:
    """What is shown."""
    return dict(locals())


def planned(
    speed: Annotated[
        float | None, typer.Option(help="10^12 operations a second of a device. Default: measured on this one.")
    ] = None,
    count: Annotated[
        list[str] | None,
        typer.Option(help="Reckon with so many training examples, whatever is at hand: mnli=392702. Repeat it."),
    ] = None,
    as_json: AsJson = False,
) -> dict[str, Any]:
    """How the plan is made and shown."""
    return dict(locals())


def dry(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would run.", rich_help_panel=SCREEN)
    ] = False,
) -> dict[str, Any]:
    """Whether anything is run."""
    return dict(locals())


def _options(fields: dict[str, Any]) -> StudyOptions:
    """What the command line says about a study."""
    from xharness.studies.options import StudyOptions

    check_folder(fields["out"])
    if fields["store"]:
        check_folder(fields["store"], "--store")
    for name in ("arms", "targets"):
        fields[name] = split_names(fields[name])
    fields["seeds"] = [_number(text) for text in split_names(fields["seeds"])]
    fields["sets"] = fields.pop("set_") or ()
    return StudyOptions(**fields)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UserError(
            f"cannot read --seeds {text}", "a seed is a whole number", "for example --seeds 1,2,3"
        ) from None


def _counts(values: Sequence[str]) -> dict[str, int]:
    """``task=number`` pairs."""
    found = {}
    for value in values:
        name, _, number = (part.strip() for part in value.partition("="))
        if not number.isdecimal() or len(number) > LONGEST or not int(number) or name in found:
            why = "it is TASK=NUMBER, once a task"
            raise UserError(f"cannot read --count {value[:60]}", why, "for example --count mnli=392702")
        found[name] = int(number)
    return found


def _planned(fields: dict[str, Any]) -> tuple[str, PlannedStudy]:
    """The study of the command line, checked, with its graph."""
    from xharness.studies.library import find_study
    from xharness.studies.planning import plan_study

    fields["named"] = fields.pop("study")
    name, design = find_study(fields["named"])
    return name, plan_study(design, _options(fields))


def run_plan(fields: dict[str, Any]) -> None:
    """Print the graph, what of it is done, and what the rest costs."""
    from xharness.cli.study_screen import show_plan
    from xharness.studies.budget import budget_of

    as_json, speed, counts = fields.pop("as_json"), fields.pop("speed"), _counts(fields.pop("count") or ())
    name, planned = _planned(fields)
    budget = budget_of(planned, speed, counts)
    if as_json:
        put_json(budget.record())
        return
    show_plan(name, planned, budget)


def run_study(fields: dict[str, Any]) -> None:
    """Run what is not done yet, and show the results."""
    from xharness.cli.study_screen import Live, show_outcome, show_plan
    from xharness.studies.budget import budget_of, operations_of
    from xharness.studies.executors import open_executor
    from xharness.studies.executors.base import ExecutorOptions
    from xharness.studies.record import known_operations
    from xharness.studies.run import run_planned

    place, quiet, dry_run = fields.pop("where"), fields.pop("quiet"), fields.pop("dry_run")
    executor = place.pop("executor")
    name, planned = _planned(fields)
    chosen = ExecutorOptions(store=planned.options.store_folder, gpus=planned.options.gpus, **place)
    chosen.check(executor)
    if dry_run:
        show_plan(name, planned, budget_of(planned))
        return
    out = planned.options.out
    operations = known_operations(out, planned.graph) or operations_of(planned)
    with resumable(out), Live(name) if not quiet else nullcontext() as live:
        opened, shown = open_executor(executor, chosen), live.show if live else None
        ran = run_planned(name, planned, opened, chosen.threads, shown, operations)
    show_outcome(ran, quiet=quiet)
    if ran.progress.failed:
        raise typer.Exit(1)


plan = command(
    run_plan,
    what,
    planned,
    name="plan",
    text="""Show a study's graph, what of it is done, and what it costs.

Example: xharness study plan phang2020 --size large --model xlm-roberta-large --data data --out studies/phang
""",
)
run = command(
    run_study,
    what,
    where,
    dry,
    screen,
    name="run",
    text="""Run a study, or go on with it.

Every step is done once, whatever is killed; the same command continues.

Example: xharness study run adversarial --model xlm-roberta-base --data data --out studies/adversarial
""",
)
app.command("plan")(plan)
app.command("run")(run)


@app.command("status")
def status(folder: Folder, as_json: AsJson = False) -> None:
    """Show where a study stands, from the disk, while it runs or not.

    Example: xharness study status studies/adversarial
    """
    from xharness.cli.study_screen import show_standing
    from xharness.studies.record import open_study
    from xharness.studies.status import standing

    study = open_study(folder)
    found = standing(study.graph, study.store, study.operations)
    if as_json:
        put_json(found.record())
    else:
        show_standing(study.name, found)


@app.command("list")
def list_studies(as_json: AsJson = False) -> None:
    """List the studies that come with xharness.

    Example: xharness study list
    """
    from xharness.studies.library import find_study, shipped

    found = {name: find_study(name)[1] for name in shipped()}
    if as_json:
        put_json({name: {"title": each.title, "question": each.question} for name, each in found.items()})
        return
    for name, each in found.items():
        say(f"{name}: {each.title}")
        say(f"    {each.question}")


@app.command("report")
def report(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="The file. Its ending tells the format: .html, .md, .tex, .csv or .json.")],
    quiet: Quiet = False,
) -> None:
    """Write what a study found, finished or not: scores, effects, verdicts, its graph, and what produced each number.

    The page is one file that works offline and from a mail; .tex has the tables of effects and of verdicts for a paper.

    Example: xharness study report studies/adversarial --out adversarial.html
    """
    from xharness.report.study_report import report_study

    path = report_study(folder, out)
    if not quiet:
        from xharness.fetch.cache import megabytes

        say(f"{path}: {megabytes(path.stat().st_size)}")
