"""Commands that continue: however they are asked to end, they say so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xharness.cli.screen import say
from xharness.tasks.common.signals import as_ctrl_c, asked_to_end


@contextmanager
def resumable(out: Path) -> Iterator[None]:
    """Ctrl-C, SIGTERM, SIGUSR1 and SIGUSR2 end the block with a line that says how to continue.

    Args:
        out: Where everything that is done already lies.
    """
    try:
        with asked_to_end(as_ctrl_c):
            yield
    except KeyboardInterrupt:
        if os.environ.get("RANK", "0") == "0":  # one of several processes speaks
            say(f"interrupted: what is done is kept in {out}, and the same command continues", err=True)
        raise
