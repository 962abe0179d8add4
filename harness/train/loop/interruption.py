"""Ctrl-C, SIGTERM, SIGUSR1 and SIGUSR2 in training: never in the middle of an update or of a saved state.

The last three are what clusters send to a job before they take its machine away.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType

from xharness.tasks.common.signals import asked_to_end


class Interruption:
    """Notices signals that ask to end while it is entered.

    A process that trains alone is interrupted at once, but where it holds interruptions back. One of several only
    remembers it, because all of them have to stop after the same step. Outside the main thread python's own handling
    stays.

    Attributes:
        asked: The first signal that came; None before.
    """

    def __init__(self, alone: bool) -> None:
        self.asked: signal.Signals | None = None
        self._held = 0 if alone else 1
        self._entered = ExitStack()

    def __enter__(self) -> Interruption:
        self._entered.enter_context(asked_to_end(self._notice))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._entered.close()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Interrupt not before the end of the block."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        self._interrupt()

    @contextmanager
    def let_through(self) -> Iterator[None]:
        """Interrupt this process within the block, though it may be one of several."""
        before, self._held = self._held, 0
        try:
            self._interrupt()
            yield
        finally:
            self._held = before

    def hold_back(self) -> None:
        """Interrupt no more: the interruption is being seen to."""
        self._held += 1

    def _notice(self, number: signal.Signals) -> None:
        if self.asked is None:  # clusters repeat themselves, which must not disturb the saving
            self.asked = number
            self._interrupt()

    def _interrupt(self) -> None:
        if self.asked and not self._held:
            raise KeyboardInterrupt
