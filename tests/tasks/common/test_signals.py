"""Signals that ask to end."""

import signal
import threading

import pytest

from xharness.tasks.common.signals import as_ctrl_c, as_ctrl_c_once, asked_to_end


def test_signals_are_handled_within_the_block_and_as_before_after_it() -> None:
    before = signal.getsignal(signal.SIGTERM)
    came: list[signal.Signals] = []
    with asked_to_end(came.append):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    assert came == [signal.SIGTERM, signal.SIGINT]
    assert signal.getsignal(signal.SIGTERM) is before


def test_as_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt), asked_to_end(as_ctrl_c):
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no terminals that close")
def test_a_terminal_that_is_closed_unless_nohup_was_asked_for() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with pytest.raises(KeyboardInterrupt), asked_to_end(as_ctrl_c):
            signal.raise_signal(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with asked_to_end(as_ctrl_c):
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_further_signals_are_ignored_until_the_block_ends() -> None:
    before, written = signal.getsignal(signal.SIGTERM), False
    with pytest.raises(KeyboardInterrupt), asked_to_end(as_ctrl_c_once):
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            written = True
    assert written
    assert signal.getsignal(signal.SIGTERM) is before


def test_another_thread_changes_nothing() -> None:
    handlers: list[object] = []

    def inside() -> None:
        with asked_to_end(as_ctrl_c):
            handlers.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGTERM)]
