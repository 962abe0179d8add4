"""From run folders to the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.compare.comparison import CompareOptions
from harness.report import Format, ReportOptions
from harness.report.comparing import compare_runs
from harness.report.contents import Contents
from harness.report.gather import load_runs
from harness.report.items import Browser, browser
from tasks.files import write_atomic
from tasks.registry import Registry, load_file


def write(paths: Sequence[Path], options: ReportOptions) -> Path:
    """Read, compare, render, write; see :func:`harness.report.report`."""
    registry = Registry(load_file(options.tasks_from) if options.tasks_from else ())
    compare = CompareOptions(resamples=options.resamples, across=options.across)
    compare.check()
    runs = load_runs(paths)
    compared = compare_runs(runs, compare, registry)
    if options.resolved is Format.HTML:
        items = browser(runs, options.data, options.items, registry)
    else:
        items = Browser([], [], [], changed=len(runs) > 1)
    contents = Contents(runs, registry.tasks, compared, items, options.items)
    write_atomic(options.out, _rendered(contents, options.resolved))
    return options.out


def _rendered(contents: Contents, form: Format) -> str:
    if form is Format.HTML:
        from harness.report.html import render

        return render(contents)
    from harness.report.texts import latex, markdown

    return markdown(contents) if form is Format.MARKDOWN else latex(contents)
