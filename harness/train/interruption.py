"""Ctrl-C during training: never in the middle of an update or of a saved state."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType


class Interruption:
    """Notices ctrl-C while it is entered.

    A process that trains alone is interrupted at once, but where it holds interruptions back. One of several only
    remembers it, because all of them have to stop after the same step. Outside the main thread python's own handling
    of ctrl-C stays.

    Attributes:
        asked: True once ctrl-C was pressed.
    """

    def __init__(self, alone: bool) -> None:
        self.asked, self._alone, self._held = False, alone, 0

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._notice)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._before)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Interrupt not before the end of the block."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self.asked:
            self._interrupt()

    def hold_back(self) -> None:
        """Interrupt no more: the interruption is being seen to."""
        self._held += 1

    def _notice(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
        self._interrupt()

    def _interrupt(self) -> None:
        if self._alone and not self._held:
            raise KeyboardInterrupt
