"""The command line as a whole: its own options, and the commands."""

from __future__ import annotations

from typing import Annotated

import typer

from xharness.cli.commands import Commands
from xharness.cli.screen import say
from xharness.tasks.common.version import VERSION

app = typer.Typer(
    name="xharness",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
    help="The benchmark harness for cross-lingual NLP: XTREME scored as the official scorer does, with error bars.",
    epilog="Start here, with nothing to download: xharness demo --untrained --out demo",
)


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
