"""What a run holds, for other programs: tables of scores and of items, and the folders that mteb and lm-eval write.

from xharness.export import ExportOptions, export

export(Path("runs/mymodel"), ExportOptions(out=Path("scores.parquet")))
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xharness.export.options import ExportFormat, ExportOptions

__all__ = ["ExportFormat", "ExportOptions", "export"]


def export(run: Path, options: ExportOptions) -> Sequence[str]:
    """Write a run in another format.

    Returns:
        A line for each thing that is not in it, and why.

    Raises:
        UserError: it is not a finished run; the format has nothing to hold; the file cannot be written.
    """
    options.check()
    from xharness.export.write import write

    return write(run, options)
