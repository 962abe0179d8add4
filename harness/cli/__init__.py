"""The command line. Heavy imports happen inside commands, so that help and wrong names are answered at once."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import time

from xharness.checkpoints.offline import offline
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.own_code import told_of

SHOWN_PROBLEMS = 20
YOUNG = 10_000  # objects after which the collector looks for cycles: imports make many, and no garbage
HEAD_START = 2.0  # seconds that the main one of several processes has to tell an error that all of them found


def main() -> None:
    """Entry point. Exit code 0 for success, 1 for what the user can fix, 2 for wrong usage."""
    from xharness.cli.streams import guarded, lost

    gc.set_threshold(YOUNG)
    atexit.register(gc.freeze)  # the interpreter's last search for cycles would walk through all of torch
    with guarded() as out:
        code = _run()
    if why := lost(out):
        with guarded():
            fix = "what the command made is whole: free some space, or send the output elsewhere"
            print_error(UserError("cannot write all of the output", why.strerror or str(why), fix))
        code = code or 1
    sys.exit(code)


def _run() -> int:
    """Run the command that was given; its exit code."""
    from xharness.cli.app import app

    try:
        with offline():
            app()
    except UserError as error:
        if os.environ.get("RANK", "0") != "0":
            time.sleep(HEAD_START)  # then the launcher ends this process, unless the error is its own
        if not getattr(error, "told", False):
            print_error(error)
        return 1
    except SystemExit as stopped:
        return stopped.code if isinstance(stopped.code, int) else int(stopped.code is not None)
    except Exception as error:
        if (told := told_of(error)) is None:
            raise
        print_error(told)
        return 1
    return 0


def print_error(error: UserError) -> None:
    """What, why and what to do, on stderr; for malformed files the list of problems stands for the why."""
    from xharness.cli.screen import say

    say(f"error: {error.what}", err=True, fg="red", bold=True)
    if isinstance(error, BadFiles):
        say(*(f"  {problem}" for problem in error.problems[:SHOWN_PROBLEMS]), err=True)
        if len(error.problems) > SHOWN_PROBLEMS:
            say(f"  ... and {len(error.problems) - SHOWN_PROBLEMS} more", err=True)
    else:
        say(f"  why: {error.why}", err=True)
    say(f"  fix: {error.fix}", err=True)
