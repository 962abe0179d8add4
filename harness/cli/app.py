"""All commands, put together. Modules that are imported here must stay light."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from xharness.cli import (
    baseline,
    benchmark,
    compare,
    data,
    demo,
    diagnostics,
    diff,
    evaluate,
    export,
    finetune,
    leaderboard,
    models,
    permutations,
    push,
    report,
    reproduce,
    score,
    study,
    submission,
    tasks,
)
from xharness.cli.screen import say
from xharness.tasks.common.version import VERSION

app = typer.Typer(
    name="xharness",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="The benchmark harness for cross-lingual NLP: XTREME scored as the official scorer does, with error bars.",
    epilog="Start here, with nothing to download: xharness demo --untrained --out demo",
)
evaluate.add_to(app)
app.command("score")(score.score)
app.command("finetune")(finetune.finetune)
app.command("benchmark")(benchmark.benchmark)
app.command("compare")(compare.compare)
app.add_typer(baseline.app, name="baseline")
app.command("diff")(diff.diff)
app.command("checklist")(diagnostics.checklist)
app.command("mixed")(diagnostics.mixed)
app.command("permutations")(permutations.permutations)
app.command("breakdown")(diagnostics.breakdown)
app.command("reproduce")(reproduce.reproduce)
app.command("leaderboard")(leaderboard.leaderboard)
app.command("report")(report.report)
app.command("export")(export.export)
app.command("push")(push.push)
app.command("demo")(demo.demo)
app.add_typer(study.app, name="study")
app.add_typer(submission.app, name="submission")
app.add_typer(data.app, name="data")
app.add_typer(models.app, name="models")
app.add_typer(tasks.app, name="tasks")


def _let_help_flow(commands: typer.Typer) -> None:
    """Paragraphs of help are as wide as the screen, not as wide as the source."""
    for command in commands.registered_commands:
        text = inspect.cleandoc(command.help or inspect.getdoc(command.callback) or "")
        command.help = "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in text.split("\n\n"))
    for group in commands.registered_groups:
        if group.typer_instance:
            _let_help_flow(group.typer_instance)


_let_help_flow(app)


def _version(asked: bool) -> None:
    if asked:
        say(f"xharness {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """The options of xharness itself."""
