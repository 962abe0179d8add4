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
    show,
    study,
    submission,
    tasks,
)
from xharness.cli.screen import say
from xharness.cli.usage import HelpfulCommand
from xharness.tasks.common.version import VERSION

app = typer.Typer(
    name="xharness",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
    help="The benchmark harness for cross-lingual NLP: XTREME scored as the official scorer does, with error bars.",
    epilog="Start here, with nothing to download: xharness demo --untrained --out demo",
)
evaluate.add_to(app)
app.command("score")(score.score)
app.command("show")(show.show)
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


def _speak(commands: typer.Typer) -> None:
    """Wrong usage is said in our words; paragraphs of help are as wide as the screen, not as the source."""
    for command in commands.registered_commands:
        command.cls = HelpfulCommand
        text = inspect.cleandoc(command.help or inspect.getdoc(command.callback) or "")
        command.help = "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in text.split("\n\n"))
    for group in commands.registered_groups:
        if group.typer_instance:
            _speak(group.typer_instance)


_speak(app)


def _version(asked: bool) -> None:
    if asked:
        say(f"xharness {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """The options of xharness itself."""
