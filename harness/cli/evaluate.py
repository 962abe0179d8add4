"""``xharness evaluate`` and ``xharness task NAME``: the same evaluation, with the options that fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from harness.cli import options

if TYPE_CHECKING:
    from harness.evaluate import Result

EVALUATE_HELP = """Score a checkpoint on every task that it can answer, in every language that the data hold.

Example: xharness evaluate --model ckpt/ --data data/ --out runs/mymodel
"""

SPECIFIC: dict[str, tuple[options.Group, ...]] = {
    "xnli": (),
    "pawsx": (),
    "udpos": (),
    "panx": (),
    "xquad": (options.spans,),
    "mlqa": (options.spans,),
    "tydiqa": (options.spans,),
    "bucc2018": (options.embedding, options.mining),
    "tatoeba": (options.embedding,),
    "xcopa": (),
}


def add_to(app: typer.Typer) -> None:
    """Add ``evaluate`` and the commands of the single tasks."""
    groups: tuple[options.Group, ...] = (options.run_options, options.task_choice, options.embedding, options.screen)
    app.command("evaluate")(options.command(run, *groups, name="evaluate", text=EVALUATE_HELP))
    single = typer.Typer(no_args_is_help=True, help="Evaluate one task, with the options that only it has.")
    for name, specific in SPECIFIC.items():
        text = f"Evaluate {name}.\n\nExample: xharness task {name} --model ckpt/ --data data/ --out runs/{name}\n"

        def run_one(fields: dict[str, Any], task: str = name) -> None:
            run({**fields, "tasks": task})

        groups = (options.run_options, *specific, options.screen)
        single.command(name)(options.command(run_one, *groups, name=name, text=text))
    app.add_typer(single, name="task")


def run(fields: dict[str, Any]) -> None:
    """Evaluate with the merged options and show what came out."""
    from harness.options import EvaluateOptions

    quiet, as_json = fields.pop("quiet"), fields.pop("as_json")
    chosen = EvaluateOptions(**fields)
    chosen.check()  # wrong names are answered before anything heavy is imported
    from harness.api import evaluate

    try:
        if quiet or as_json:
            result = evaluate(chosen)
        else:
            with bars() as reporter:
                result = evaluate(chosen, reporter=reporter)
    except KeyboardInterrupt:
        typer.echo(f"interrupted: what is done is kept in {chosen.out}, and the same command continues", err=True)
        raise
    if as_json:
        from submissions.scores import to_json

        typer.echo(to_json(result.scores), nl=False)
    elif not quiet:
        show(result)


def bars() -> Any:
    """A progress bar on stderr for the whole run, with the time that is left, as a context manager."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from harness.evaluate import Reporter

    @contextmanager
    def drawn() -> Any:
        columns = (
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f}%"),
            TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        )  # fmt: skip
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("reading data", total=1.0)

            def update(what: str, fraction: float) -> None:
                progress.update(bar, description=what, completed=fraction)

            def note(text: str) -> None:
                progress.console.print(text, markup=False, highlight=False)

            yield Reporter(update, note)

    return drawn()


def show(result: Result) -> None:
    """The final screen: scores, what was not evaluated, the slowest phase, and where the files are."""
    from rich.text import Text

    from harness.cli.tables import print_whole, scores_table, sweep_tables

    for part in scores_table(result.scores, result.prepared.registry.tasks):
        print_whole(part)
    for part in sweep_tables(result.scores):
        print_whole(part)
    for line in _remarks(result):
        print_whole(Text(line))
    folder = result.prepared.folder.path
    done = "" if result.computed else " (everything was done already)"
    typer.echo(f"{folder}: scores.json, predictions/, items/, manifest.json{done}")


def _remarks(result: Result) -> Iterator[str]:
    """What a user should know beside the scores, one line each."""
    if "sweep" in result.scores["xharness"]:
        yield "scores above are those of the reference block; the best block on test is no fair choice"
    for refusal in result.prepared.refusals:
        yield f"not evaluated: {refusal.task.name}: {refusal.reason}; {refusal.fix}"
    for note in result.manifest["notes"]:
        yield f"note: {note}"
    phases = result.manifest["phases"]
    if phases and result.computed:
        slowest = max(phases, key=lambda phase: phase["seconds"])
        yield (
            f"slowest phase: {slowest['task']} {' '.join(slowest['languages'])}: {slowest['seconds']:.1f} s, "
            f"{slowest['tokens_per_second']:.0f} tokens/s, {slowest['padding_share']:.0%} padding"
        )
