"""From run folders to the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xharness.comparison.comparison import CompareOptions
from xharness.report.comparing import compare_runs
from xharness.report.contents import Contents
from xharness.report.gather import load_runs
from xharness.report.items import Browser, browser
from xharness.report.options import ReportFormat, ReportOptions
from xharness.runs.own_tasks import registry_of
from xharness.tasks.common.outputs import write_output


def write(paths: Sequence[Path], options: ReportOptions) -> Path:
    """Read, compare, render, write; see :func:`xharness.report.report`."""
    registry = registry_of(paths, options.tasks_from)
    compare = CompareOptions(resamples=options.resamples, across=options.across)
    compare.check()
    runs = load_runs(paths, registry)
    compared = compare_runs(runs, compare, registry)
    if options.resolved is ReportFormat.HTML:
        items = browser(runs, options.data, options.items, registry)
    else:
        items = Browser([], [], [], changed=len(runs) > 1)
    contents = Contents(runs, registry.tasks, compared, items, options.items)
    write_output(options.path, _rendered(contents, options.resolved))
    return options.path


def _rendered(contents: Contents, form: ReportFormat) -> str:
    if form is ReportFormat.HTML:
        from xharness.report.html import render

        return render(contents)
    from xharness.report.texts import latex, markdown

    return markdown(contents) if form is ReportFormat.MARKDOWN else latex(contents)
