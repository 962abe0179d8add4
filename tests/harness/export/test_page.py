"""What docs/exporting.md says of columns."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from xharness.export.items import COLUMNS
from xharness.runs.verify import VARIANT_METRICS
from xharness.submissions.score_rows import TidyRow
from xharness.tasks.registry import BENCHMARKS, Registry

PAGE = (Path(__file__).parents[3] / "docs" / "exporting.md").read_text(encoding="utf-8")


def first_cells(page: str) -> set[str]:
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall("`([^`]+)`", row)}


def test_every_column_of_both_tables_is_told() -> None:
    assert {field.name for field in fields(TidyRow)} | set(COLUMNS) <= first_cells(PAGE)


def test_statistics_of_every_metric_of_the_benchmarks_are_told() -> None:
    registry = Registry()
    metrics = {registry.task(name).metric for benchmark in BENCHMARKS.values() for name in benchmark.languages}
    for metric in [*metrics, *VARIANT_METRICS.values()]:
        (row,) = (line for line in PAGE.splitlines() if f"`{metric.name}`" in line and line.startswith("| `"))
        assert re.findall("`([^`]+)`", row.split("|")[2]) == list(metric.columns)
