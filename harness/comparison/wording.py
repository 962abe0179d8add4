"""The words and signs of a comparison: numbers as text, marks, and what must be said beside them."""

from __future__ import annotations

from collections.abc import Iterator

from xharness.comparison.comparison import SIDES, Comparison, ComparisonRow
from xharness.submissions.zero_shot import LEGEND, with_sign
from xharness.tasks.common.text import plural

UP, DOWN, ELSEWHERE = "▲", "▼", "≠"


def mark(row: ComparisonRow) -> str:
    """Which way a significant difference goes, and a sign for rows that were measured differently."""
    direction = "" if not row.significant else UP if row.difference > 0 else DOWN
    return direction + (ELSEWHERE if row.across else "")


def columns(row: ComparisonRow) -> tuple[str, ...]:
    """The row as text, in the order of ``HEADER``."""
    return (
        row.name,
        *(with_sign(f"{getattr(row, side):.2f}", side in row.not_zero_shot) for side in SIDES),
        format_signed(row.difference),
        mark(row),
        "" if row.interval is None else f"[{format_signed(row.interval[0])}, {format_signed(row.interval[1])}]",
        format_probability(row.p_holm),
        "" if row.minimum_detectable is None else f"{row.minimum_detectable:.2f}",
        row.note,
    )


def format_signed(value: float) -> str:
    """Two digits with a sign; 0.00 without."""
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}"


def format_probability(value: float) -> str:
    """Two digits that matter, never rounded to 0 or up to a level that was not reached."""
    return "1" if value >= 0.995 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def remarks(comparison: Comparison) -> Iterator[str]:
    """What must be said beside the numbers, one line each."""
    for text in dict.fromkeys(text for row in comparison.cells for text in row.across):
        yield f"{ELSEWHERE} measured differently: {text}"
    if marked := _not_zero_shot(comparison):
        yield f"{LEGEND} by {' and '.join(marked)}"
    for source in {run.name: run for run in (*comparison.base, *comparison.new)}.values():
        yield from (f"{source.name} did not train: {task}: {why}" for task, why in source.untrained.items())
    for side, name in zip(SIDES, comparison.names, strict=True):
        yield from _missing(comparison, side, name)
        failed = comparison.failed.get(side, {})
        if failed:
            count = len(comparison.base if side == "base" else comparison.new) + len(failed)
            yield f"failed: {len(failed)} of {plural(count, 'run')} of {side}: {'; '.join(failed.values())}"
    if all(row.minimum_detectable is None and row.difference == 0 for row in comparison.cells):
        yield "every item scores the same on both sides"
    yield from comparison.notes


def _not_zero_shot(comparison: Comparison) -> list[str]:
    """``base (NAME)`` of the sides that have such a number."""
    named = zip(SIDES, comparison.names, strict=True)
    return [f"{side} ({name})" for side, name in named if any(side in row.not_zero_shot for row in comparison.cells)]


def _missing(comparison: Comparison, side: str, name: str) -> Iterator[str]:
    """One line for each reason: tasks of which nothing is there by name, the others with the languages they lack."""
    compared = {row.task for row in comparison.cells}
    reasons: dict[str, dict[str, list[str]]] = {}
    for cell in comparison.missing[side]:
        reasons.setdefault(cell.reason, {}).setdefault(cell.task, []).append(cell.language)
    for reason, tasks in reasons.items():
        found = [f"{task} {' '.join(languages)}" if task in compared else task for task, languages in tasks.items()]
        cells = plural(sum(map(len, tasks.values())), "cell")
        yield f"missing in {side} ({name}): {', '.join(found)} ({cells}): {reason}"


def family(comparison: Comparison) -> str:
    """What the p-values are corrected for."""
    tested = plural(len(comparison.tasks), "task")
    total = " and the total" if comparison.total else ""
    return f"p: two-sided, Holm over {tested}{total}; cells: Holm over all cells"
