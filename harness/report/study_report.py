"""A study as a page that needs no server, or as tables for a text, a sheet or a program."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.formats import format_of
from xharness.tasks.common.outputs import check_file, write_output


class StudyFormat(StrEnum):
    """What is written, by the ending of the file's name."""

    HTML = ".html"
    MARKDOWN = ".md"
    LATEX = ".tex"
    CSV = ".csv"
    JSON = ".json"


def report_study(folder: Path, out: Path) -> Path:
    """Write what a study found, finished or not, and return the path.

    Args:
        folder: The ``--out`` of ``xharness study run``.
        out: The file; the ending of its name tells the format.

    Raises:
        UserError: it is not a study, a file of it was changed, or ``out`` cannot be written.
    """
    form = format_of(out, {form.value: form for form in StudyFormat})
    check_file(out)
    from xharness.studies.findings import FINDINGS
    from xharness.studies.record import GRAPH, STUDY
    from xharness.studies.results import CSV, JSON

    if out.name in (STUDY, GRAPH, FINDINGS, CSV, JSON) and out.resolve().parent == folder.resolve():
        why = f"{out.name} is a file of the study itself"
        raise UserError(f"cannot write the report to {out}", why, "choose another name or folder")
    from xharness.report.study_contents import gather_study

    contents = gather_study(folder)
    if form is StudyFormat.HTML:
        from xharness.report.study_page import render
    elif form is StudyFormat.MARKDOWN:
        from xharness.report.study_texts import markdown as render
    elif form is StudyFormat.LATEX:
        from xharness.report.study_texts import latex as render
    elif form is StudyFormat.CSV:
        from xharness.report.study_texts import effects_csv as render
    else:
        from xharness.report.study_texts import as_json as render
    write_output(out, render(contents))
    return out
