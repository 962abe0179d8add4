"""A comparison as text for others: markdown, HTML, JUnit XML, GitHub annotations, and the verdict of the gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from xharness.comparison.comparison import SIDES, Comparison, Row
from xharness.submissions.zero_shot import LEGEND, with_sign
from xharness.tables import escapes
from xharness.tables.escapes import html as escape
from xharness.tasks.common.text import plural

UP, DOWN, ELSEWHERE = "▲", "▼", "≠"
HEADER = ("", "base", "new", "difference", "", "95 % interval", "p (Holm)", "detectable", "note")


def shown_rows(comparison: Comparison, *, cells: bool = False) -> list[Row]:
    """Tasks, groups and total; then all cells, or those that differ significantly."""
    averages = [*comparison.tasks, *comparison.groups, *([comparison.total] if comparison.total else [])]
    return [*averages, *(row for row in comparison.cells if cells or row.significant)]


def mark(row: Row) -> str:
    """Which way a significant difference goes, and a sign for rows that were measured differently."""
    direction = "" if not row.significant else UP if row.difference > 0 else DOWN
    return direction + (ELSEWHERE if row.across else "")


def columns(row: Row) -> tuple[str, ...]:
    """The row as text, in the order of ``HEADER``."""
    return (
        row.name,
        *(with_sign(f"{getattr(row, side):.2f}", side in row.not_zero_shot) for side in SIDES),
        signed(row.difference),
        mark(row),
        "" if row.interval is None else f"[{signed(row.interval[0])}, {signed(row.interval[1])}]",
        probability(row.p_holm),
        "" if row.minimum_detectable is None else f"{row.minimum_detectable:.2f}",
        row.note,
    )


def signed(value: float) -> str:
    """Two digits with a sign; 0.00 without."""
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}"


def probability(value: float) -> str:
    """Two digits that matter, never rounded to 0 or up to a level that was not reached."""
    return "1" if value >= 0.995 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def remarks(comparison: Comparison) -> Iterator[str]:
    """What must be said beside the numbers, one line each."""
    for text in dict.fromkeys(text for row in comparison.cells for text in row.across):
        yield f"{ELSEWHERE} measured differently: {text}"
    if marked := _not_zero_shot(comparison):
        yield f"{LEGEND} by {' and '.join(marked)}"
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


def markdown(comparison: Comparison, *, cells: bool = False) -> str:
    """A table that GitHub shows, with the remarks below."""
    title, marks = escapes.markdown(" → ".join(comparison.names)), ["---", *["---:"] * 3, "---", *["---:"] * 3, "---"]
    lines = [f"### {title}", "", _line(HEADER), _line(marks)]
    lines += [_line(_cells(row)) for row in shown_rows(comparison, cells=cells)]
    lines += ["", f"{family(comparison)}. {UP} {DOWN}: significant at {comparison.options.alpha:g}."]
    lines += [f"- {escapes.markdown(remark)}" for remark in remarks(comparison)]
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> list[str]:
    cells = [*map(escapes.markdown, columns(row))]
    return [f"**{cell}**" if cell else "" for cell in cells] if row.level == "total" else cells


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def html(comparison: Comparison) -> str:
    """A table for notebooks."""
    head = "".join(f"<th>{escape(name)}</th>" for name in HEADER)
    rows = ("".join(f"<td>{escape(cell)}</td>" for cell in columns(row)) for row in shown_rows(comparison))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    below = "".join(f"<li>{escape(remark)}</li>" for remark in remarks(comparison))
    caption = escape(" → ".join(comparison.names))
    return f"<table><caption>{caption}</caption><tr>{head}</tr>{body}</table><ul>{below}</ul>"


# --- the gate --------------------------------------------------------------------------------------------------------


def described_loss(row: Row) -> str:
    """``xnli loses 0.90 points (p = 0.0012)``."""
    return f"{row.name} loses {-row.difference:.2f} points (p = {probability(row.p_loss_holm)})"


def junit(comparisons: Sequence[Comparison]) -> str:
    """One suite a comparison, one case for each task and for the total; regressions are failures."""
    root = ElementTree.Element("testsuites", name="xharness compare")
    for comparison in comparisons:
        rows, lacking = comparison.first_family, comparison.missing["new"]
        suite = ElementTree.SubElement(root, "testsuite", name=" -> ".join(comparison.names))
        suite.set("tests", str(len(rows) + len(lacking)))
        suite.set("failures", str(len(comparison.regressions)))
        suite.set("skipped", str(len(lacking)))
        for row in rows:
            case = ElementTree.SubElement(suite, "testcase", classname="xharness.compare", name=row.name)
            if row.regression:
                ElementTree.SubElement(case, "failure", message=described_loss(row)).text = _sentence(row)
            else:
                ElementTree.SubElement(case, "system-out").text = _sentence(row)
        for cell in lacking:
            case = ElementTree.SubElement(
                suite, "testcase", classname="xharness.compare", name=f"{cell.task}.{cell.language}"
            )
            ElementTree.SubElement(case, "skipped", message=f"missing in new: {cell.reason}")
    ElementTree.indent(root)
    return escapes.xml(ElementTree.tostring(root, encoding="unicode", xml_declaration=True)) + "\n"


def _sentence(row: Row) -> str:
    interval = "" if row.interval is None else f", 95 % interval {signed(row.interval[0])} to {signed(row.interval[1])}"
    detectable = "" if row.minimum_detectable is None else f", detectable {row.minimum_detectable:.2f}"
    marked = f"not zero-shot: {', '.join(row.not_zero_shot)}" if row.not_zero_shot else ""
    note = f" ({'; '.join(filter(None, [row.note, marked]))})" if row.note or marked else ""
    return f"{row.base:.2f} to {row.new:.2f}: {signed(row.difference)}{interval}{detectable}{note}"


def github(comparison: Comparison) -> str:
    """Workflow commands: an error for each regression, a warning for what could not be compared, a notice in sum."""
    name = " → ".join(comparison.names)
    lines = [
        _command("error", f"regression in {row.name}", f"{described_loss(row)}; {_sentence(row)}")
        for row in comparison.regressions
    ]
    lines += [_command("warning", "comparison", remark) for remark in remarks(comparison)]
    summary = [*comparison.cells[:1], *comparison.first_family][-1]
    lines.append(_command("notice", name, f"{summary.name}: {_sentence(summary)}"))
    return "\n".join(lines) + "\n"


def _command(kind: str, title: str, text: str) -> str:
    """One workflow command, escaped as GitHub wants it."""
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        title, text = title.replace(sign, code), text.replace(sign, code)
    return f"::{kind} title={title.replace(':', '%3A').replace(',', '%2C')}::{text}"


def verdict(comparisons: Sequence[Comparison], *, regression: bool = True, missing: bool = False) -> tuple[bool, str]:
    """Whether the gate fails, and the one line that says why or why not.

    Args:
        regression: A significant loss fails.
        missing: Cells that base has and new has not fail.
    """
    lost = [
        (described_loss(row) if len(comparisons) == 1 else f"{comparison.names[1]}: {described_loss(row)}")
        for comparison in comparisons
        for row in comparison.regressions
    ]
    lacking = sum(map(_only_in_base, comparisons))
    options = comparisons[0].options
    more = f"more than {options.margin:g} points " if options.margin else ""
    said = f"regression: {'; '.join(lost)}" if lost else f"no regression: nothing loses {more}at {options.alpha:g}"
    if lacking:
        said += f"; missing: {plural(lacking, 'cell')} of base"
    return (regression and bool(lost)) or (missing and lacking > 0), said


def _only_in_base(comparison: Comparison) -> int:
    """Number of cells of base that new lacks."""
    there = {name for source in comparison.base for name in source.cells}
    return sum((cell.task, cell.language) in there for cell in comparison.missing["new"])
