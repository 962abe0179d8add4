"""What is exported: format, place, scores or items."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.outputs import check_file, check_folder


class ExportFormat(StrEnum):
    """What is written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    MTEB = "mteb"
    LM_EVAL = "lm-eval"


FILES = {f".{form}": form for form in (ExportFormat.CSV, ExportFormat.JSONL, ExportFormat.PARQUET)}
FOLDERS = (ExportFormat.MTEB, ExportFormat.LM_EVAL)
TEXTS = (ExportFormat.CSV, ExportFormat.JSONL)
"""Formats that may go to the screen."""


@dataclass(frozen=True)
class ExportOptions:
    """What to write, and where.

    Attributes:
        out: The file, or the folder of mteb's and lm-eval's layouts; None for a text that is returned.
        format: By default what the name of the file says, and CSV without a file.
        items: The items with their inputs, gold and answers instead of the scores; for lm-eval beside them.
        data: Folder of the data, for the items, if not where the run found them.
        tasks_from: Python file that declares tasks of the user's own.
    """

    out: Path | None = None
    format: ExportFormat | None = None
    items: bool = False
    data: Path | None = None
    tasks_from: Path | None = None

    @property
    def resolved(self) -> ExportFormat:
        """The format. Raises UserError if neither it nor the file's name tells."""
        if self.format is not None:
            return ExportFormat(self.format)
        if self.out is None:
            return ExportFormat.JSONL if self.items else ExportFormat.CSV
        found = FILES.get(self.out.suffix.lower())
        if found is None:
            why = f"a name that ends in {', '.join(FILES)} tells"
            raise UserError(f"cannot tell the format of {self.out}", why, f"give --format {', '.join(ExportFormat)}")
        return found

    def check(self) -> None:
        """Raise UserError for values that make no sense. Imports nothing heavy."""
        if self.format is not None and self.format not in list(ExportFormat):
            known = suggestion(str(self.format), list(ExportFormat))
            raise UserError(f"unknown format '{self.format}'", "a run is exported in five formats", known)
        form = self.resolved
        if self.out is None and form not in TEXTS:
            kind, name = ("a folder", "exported") if form in FOLDERS else ("a file", f"scores.{form}")
            raise UserError(f"--format {form} without --out", f"{form} is {kind}, not a text", f"add --out {name}")
        if self.items and form is ExportFormat.MTEB:
            raise UserError("--items with --format mteb", "results of mteb hold no items", "leave one of them out")
        if self.data is not None and not self.items:
            raise UserError("--data without --items", "only items are read from the data", "add --items")
        if self.out is not None:
            (check_folder if form in FOLDERS else check_file)(self.out)
