"""Processes of tests end with them: also where a test hangs, and is stopped."""

from __future__ import annotations

from multiprocessing.process import BaseProcess


def ended(process: BaseProcess) -> int | None:
    """Start a process and wait for its end; what it ended with. It is killed if the test is stopped meanwhile."""
    process.start()
    try:
        process.join()
    finally:
        process.kill()
        process.join()
    return process.exitcode
