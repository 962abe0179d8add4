"""All commands, put together. Modules that are imported here must stay light."""

from __future__ import annotations

from typing import Annotated

import typer

from harness import __version__
from harness.cli import (
    baseline,
    benchmark,
    compare,
    data,
    demo,
    diff,
    evaluate,
    finetune,
    leaderboard,
    models,
    report,
    score,
    submission,
    tasks,
)

app = typer.Typer(
    name="xharness",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="The benchmark harness for cross-lingual NLP: XTREME scored as the official scorer does, with error bars.",
)
evaluate.add_to(app)
app.command("score")(score.score)
app.command("finetune")(finetune.finetune)
app.command("benchmark")(benchmark.benchmark)
app.command("compare")(compare.compare)
app.add_typer(baseline.app, name="baseline")
app.command("diff")(diff.diff)
app.command("leaderboard")(leaderboard.leaderboard)
app.command("report")(report.report)
app.command("demo")(demo.demo)
app.add_typer(submission.app, name="submission")
app.add_typer(data.app, name="data")
app.add_typer(models.app, name="models")
app.add_typer(tasks.app, name="tasks")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"xharness {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """The options of xharness itself."""
