"""Everything that a report is about, read once for all formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xharness.report.comparing import Compared
from xharness.report.gather import NamedRun
from xharness.report.items import Browser
from xharness.tasks.base import Task


@dataclass(frozen=True)
class Contents:
    """What is rendered.

    Attributes:
        runs: The base first.
        tasks: Tasks by name, for what is published of them.
        compared: None for a single run.
        items_each: Most items of a cell that were asked for.
    """

    runs: Sequence[NamedRun]
    tasks: Mapping[str, Task]
    compared: Compared | None
    browser: Browser
    items_each: int
