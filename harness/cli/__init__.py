"""The command line. Heavy imports happen inside commands, so that help and wrong names are answered at once."""

from __future__ import annotations

import os
import sys
import time

from tasks.errors import BadFiles, UserError

SHOWN_PROBLEMS = 20
HEAD_START = 2.0  # seconds that the main one of several processes has to tell an error that all of them found


def main() -> None:
    """Entry point. Exit code 0 for success, 1 for what the user can mend, 2 for wrong usage."""
    from harness.cli.app import app

    try:
        app()
    except UserError as error:
        if os.environ.get("RANK", "0") != "0":
            time.sleep(HEAD_START)  # then the launcher ends this process, unless the error is its own
        if not getattr(error, "told", False):
            print_error(error)
        sys.exit(1)


def print_error(error: UserError) -> None:
    """What, why and what to do, on stderr; for malformed files the list of problems stands for the why."""
    import typer

    typer.secho(f"error: {error.what}", err=True, fg="red", bold=True)
    if isinstance(error, BadFiles):
        for problem in error.problems[:SHOWN_PROBLEMS]:
            typer.echo(f"  {problem}", err=True)
        if len(error.problems) > SHOWN_PROBLEMS:
            typer.echo(f"  ... and {len(error.problems) - SHOWN_PROBLEMS} more", err=True)
    else:
        typer.echo(f"  why: {error.why}", err=True)
    typer.echo(f"  fix: {error.fix}", err=True)
