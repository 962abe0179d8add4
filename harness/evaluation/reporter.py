"""Where progress of long work goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reporter:
    """Where progress goes; the command line draws bars, Python code may pass nothing.

    Attributes:
        progress: Told what is being done, as ``xnli: de fr`` with the details behind the colon, and the fraction of the
            whole run that is done.
        note: Told facts worth a line.
    """

    progress: Callable[[str, float], None] = lambda _what, _fraction: None
    note: Callable[[str], None] = lambda _text: None
