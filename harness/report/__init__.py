"""A report of one run or several: a page that needs no server, or tables for a text.

from xharness.report import ReportOptions, report

report([Path("runs/mymodel")], ReportOptions(out=Path("report.html")))
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xharness.report.options import ReportFormat, ReportOptions

__all__ = ["ReportFormat", "ReportOptions", "report"]


def report(runs: Sequence[Path], options: ReportOptions | None = None) -> Path:
    """Write a report of runs and return its path. The first run is the base that others are compared with.

    Args:
        runs: Run folders, at most eight.

    Raises:
        UserError: something is not a finished run, or the file cannot be written.
    """
    options = options or ReportOptions()
    options.check()
    from xharness.report.write import write

    return write(runs, options)
