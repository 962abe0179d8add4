"""What a report is asked for: format, file, items."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.formats import format_of
from xharness.tasks.common.outputs import check_file


class ReportFormat(StrEnum):
    """What is written."""

    HTML = "html"
    MARKDOWN = "markdown"
    LATEX = "latex"


ENDINGS = {
    ".html": ReportFormat.HTML,
    ".htm": ReportFormat.HTML,
    ".md": ReportFormat.MARKDOWN,
    ".tex": ReportFormat.LATEX,
}


@dataclass(frozen=True)
class ReportOptions:
    """What to write, and where.

    Attributes:
        out: The file; by default ``report`` with the ending of the format, ``.html`` without one.
        format: By default what the name of the file says.
        data: Folder of the data, for the items, if not where the runs found them.
        items: Most items of one cell in the item browser; 0 for none.
        resamples: Of the comparison with the first run.
        across: Compare what was measured differently, and mark it.
        tasks_from: Python or TOML file that declares tasks of the user's own.
    """

    out: Path | None = None
    format: ReportFormat | None = None
    data: Path | None = None
    items: int = 20
    resamples: int = 10_000
    across: bool = False
    tasks_from: Path | None = None

    @property
    def resolved(self) -> ReportFormat:
        """The format. Raises UserError if neither it nor the file's name tells."""
        if self.format is None and self.out is not None:
            return format_of(self.out, ENDINGS, option=f"--format {', '.join(ReportFormat)}")
        return ReportFormat(self.format or ReportFormat.HTML)

    @property
    def path(self) -> Path:
        """Where it is written."""
        ending = next(ending for ending, form in ENDINGS.items() if form is self.resolved)
        return self.out or Path(f"report{ending}")

    def check(self) -> None:
        """Raise UserError for values that make no sense. Imports nothing heavy."""
        if self.format is not None and self.format not in list(ReportFormat):
            known = suggestion(str(self.format), list(ReportFormat))
            raise UserError(f"unknown format '{self.format}'", "a report has three formats", known)
        if self.items < 0:
            raise UserError(f"--items is {self.items}", "it is a number of items", "give 0 or more")
        check_file(self.out or self.path)  # before its name is asked for the format, which a folder's does not tell
        _ = self.resolved
