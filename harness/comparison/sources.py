"""A side of a comparison from wherever it lies: a run folder, or the file of a baseline."""

from __future__ import annotations

from pathlib import Path

from xharness.comparison.baseline import read_baseline
from xharness.comparison.source import Source, source_of
from xharness.runs.reading import open_run
from xharness.tasks.registry import Registry


def load_source(path: Path, registry: Registry | None = None) -> Source:
    """Read a run folder or a baseline file.

    Args:
        path: A folder that ``xharness evaluate`` wrote, or a file of ``xharness baseline set``.
        registry: The tasks that are known; by default those of this installation.

    Raises:
        UserError: nothing is there; it is not a run; its evaluation was interrupted; it is damaged.
    """
    registry = registry or Registry()
    if path.is_file():
        return read_baseline(path, registry)
    return source_of(open_run(path, registry), registry)
