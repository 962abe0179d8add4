"""Signals that ask a process to end: ctrl-C, a closed terminal, what clusters send before they take a machine away."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
ENDING = [found for name in NAMES if (found := getattr(signal, name, None)) is not None]


@contextmanager
def asked_to_end(handle: Callable[[signal.Signals], None]) -> Iterator[None]:
    """Call ``handle`` for each such signal that comes within the block; outside the main thread nothing changes."""

    def notice(number: int, _frame: FrameType | None) -> None:
        handle(signal.Signals(number))

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    noticed = [number for number in ENDING if not (number.name == "SIGHUP" and _is_ignored(number))]  # by nohup
    before = {number: signal.signal(number, notice) for number in noticed}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_ignored(number: signal.Signals) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN


def as_ctrl_c(_signal: signal.Signals) -> None:
    """What python does on ctrl-C.

    Raises:
        KeyboardInterrupt: always.
    """
    raise KeyboardInterrupt


def as_ctrl_c_once(asked: signal.Signals) -> None:
    """The same; further signals are ignored until the block ends, so that they disturb nothing that is still written.

    Raises:
        KeyboardInterrupt: always.
    """
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    as_ctrl_c(asked)
