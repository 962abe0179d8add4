"""Progress in a notebook: a bar below the cell, with notes under it."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xharness.evaluation.reporter import Reporter
from xharness.tables.escapes import html as escape
from xharness.tasks.common.text import clock

SHELL = "ZMQInteractiveShell"  # of Jupyter and its kin
OFTEN = 0.25  # seconds between two pictures of the bar


@contextmanager
def progress_in_notebook(given: Reporter | None) -> Iterator[Reporter]:
    """The reporter that was given; else a bar in a notebook, full in the end, and silence elsewhere."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if given or type(shell).__name__ != SHELL:
        yield given or Reporter()
        return
    bar = _Bar(importlib.import_module("IPython.display"))
    yield Reporter(bar.update, bar.note)
    bar.update("done", 1.0)


class _Bar:
    """What stands below the cell."""

    def __init__(self, display: Any) -> None:
        self._display, self._started, self._drawn = display, time.monotonic(), 0.0
        self._what, self._share = "starting", 0.0
        self._notes: list[str] = []
        self._handle = display.display(self._picture(), display_id=True)

    def update(self, what: str, share: float) -> None:
        """Told of progress."""
        self._what, self._share = what, share
        if share >= 1 or time.monotonic() - self._drawn >= OFTEN:
            self._draw()

    def note(self, text: str) -> None:
        """A fact worth a line."""
        self._notes.append(text)
        self._draw()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        self._handle.update(self._picture())

    def _picture(self) -> Any:
        gone = clock(time.monotonic() - self._started)
        bar = f'<progress max="1" value="{self._share:.4f}"></progress>'
        notes = "".join(f"<br>{escape(note)}" for note in self._notes)
        return self._display.HTML(f"<div>{bar} {self._share:.0%} {escape(self._what)} ({gone} gone){notes}</div>")
