"""Timing on machines that others use too: a repetition with foreign load is repeated, not counted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import psutil

QUIET = 0.15  # cores that other processes may use
TRIES = 6


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds of one call, and the cores that other processes used meanwhile."""
    own = psutil.Process()

    def busy() -> tuple[float, float]:
        machine, mine = psutil.cpu_times(), own.cpu_times()
        used = machine.user + machine.system + machine.nice
        return used, mine.user + mine.system + mine.children_user + mine.children_system

    before, started = busy(), time.perf_counter()
    call()
    seconds = time.perf_counter() - started
    after = busy()
    return seconds, max(0.0, (after[0] - before[0]) - (after[1] - before[1])) / seconds


def median(call: Callable[[], object], repetitions: int = 5) -> tuple[float, int]:
    """Median seconds over quiet repetitions, and how many were disturbed and repeated (the last try counts anyway)."""
    seconds, disturbed = [], 0
    for _ in range(repetitions):
        for attempt in range(TRIES):
            taken, foreign = timed(call)
            if foreign <= QUIET or attempt == TRIES - 1:
                break
            disturbed += 1
        seconds.append(taken)
    return statistics.median(seconds), disturbed
