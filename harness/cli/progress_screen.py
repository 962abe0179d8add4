"""How long work shows where it stands: a bar on a terminal, plain lines in a batch log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from xharness.cli.screen import console, print_text
from xharness.tasks.common.text import clock, shortened

if TYPE_CHECKING:
    from rich.console import Console

    from xharness.evaluation.reporter import Reporter

EVERY = 60.0
"""Seconds after which there is another line, whatever happens."""
AT_FIRST = 5.0
"""The same for something new while nothing is done yet, so that nobody wonders; nothing else is said before."""
ENOUGH = 0.02
"""Share of the work from which the time left is told: the first steps include what is done only once."""
NARROW = 40  # columns that the bar and the times take


@contextmanager
def progress_shown() -> Iterator[Reporter]:
    """Progress on stderr for the whole block, with the time that is left; notes stand between."""
    from xharness.evaluation.reporter import Reporter

    screen = console(stderr=True)
    if screen.is_terminal or screen.is_jupyter:
        with _bar(screen) as update:
            yield Reporter(update, lambda text: print_text(screen, text))
    else:
        with Lines(lambda text: print_text(screen, text)) as lines:
            yield Reporter(lines.update, lines.say)


@contextmanager
def _bar(screen: Console) -> Iterator[Callable[[str, float], None]]:
    """A bar that fits beside what is done."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.table import Column

    room = max(10, screen.width - NARROW)
    about = Column(no_wrap=True, overflow="ellipsis", max_width=room)
    columns = (
        TextColumn("{task.description}", markup=False, table_column=about), BarColumn(bar_width=None),
        TextColumn("{task.percentage:3.0f}%"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=screen, transient=True, expand=True) as progress:
        bar = progress.add_task("starting", total=1.0)

        def update(what: str, fraction: float) -> None:
            progress.update(bar, description=fitted(what, room), completed=fraction)

        yield update


def fitted(what: str, room: int) -> str:
    """What is done in so many columns: the details behind the colon stay as long as they can."""
    before, colon, details = what.partition(": ")
    if len(what) <= room or not colon:
        return what
    left = room - len(colon) - len(details)
    return f"{shortened(before, left)}{colon}{details}" if left > len("...") else shortened(details, room)


class Lines:
    """A line when something else begins, and one a minute: what is done, which share, how long it will still take."""

    def __init__(self, write: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._write, self._now = write, now
        self._what, self._told, self._begun, self._share = "starting", "", "", 0.0
        self._said = self._since = self._started = now()
        self._first = 0.0  # share where this stretch of work began
        self._ended, self._lock = threading.Event(), threading.Lock()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Lines:
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._watch.join()

    def update(self, what: str, share: float) -> None:
        """Told of progress.

        Args:
            what: ``squad_v1: step 3/100``; another beginning, up to the colon or else the first space, is a new line.
            share: Of the work that is done.
        """
        with self._lock:
            if share < self._share:  # the next of several stretches of work
                self._since, self._first = self._now(), share
            self._what, self._share = what, share
            before, colon, _ = what.partition(":")
            begun = before if colon else what.partition(" ")[0]
            if begun != self._begun and share:  # what is refused at once is refused without a word before
                self._begun = begun
                self._line()
        self.remind()

    def remind(self) -> None:
        """Write a line if there was none for too long."""
        with self._lock:
            soon = not self._share and self._what != self._told
            if self._now() - self._said >= (AT_FIRST if soon else EVERY):
                self._line()

    def say(self, text: str) -> None:
        """A note."""
        with self._lock:
            self._write(text)

    def _line(self) -> None:
        self._said, self._told = self._now(), self._what
        gone = f"{clock(self._said - self._started)} gone"
        done, took = self._share - self._first, self._said - self._since
        left = f", about {clock(took / done * (1 - self._share))} left" if done >= ENOUGH and took > 0 else ""
        self._write(f"{self._share:4.0%} {self._what} ({gone}{left})")

    def _look(self) -> None:
        """Remind, also while nothing tells of progress."""
        while not self._ended.wait(1.0):
            self.remind()
