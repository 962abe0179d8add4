"""The gate of a comparison: the verdict, and what a build server reads: JUnit XML and GitHub's annotations."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from xharness.comparison.comparison import Comparison, ComparisonRow
from xharness.comparison.wording import format_probability, format_signed, remarks
from xharness.tables import escapes
from xharness.tasks.common.text import plural


def describe_loss(row: ComparisonRow) -> str:
    """``xnli loses 0.90 points (p = 0.0012)``."""
    return f"{row.name} loses {-row.difference:.2f} points (p = {format_probability(row.p_loss_holm)})"


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
                ElementTree.SubElement(case, "failure", message=describe_loss(row)).text = _sentence(row)
            else:
                ElementTree.SubElement(case, "system-out").text = _sentence(row)
        for cell in lacking:
            case = ElementTree.SubElement(
                suite, "testcase", classname="xharness.compare", name=f"{cell.task}.{cell.language}"
            )
            ElementTree.SubElement(case, "skipped", message=f"missing in new: {cell.reason}")
    ElementTree.indent(root)
    return escapes.xml(ElementTree.tostring(root, encoding="unicode", xml_declaration=True)) + "\n"


def _sentence(row: ComparisonRow) -> str:
    interval = (
        ""
        if row.interval is None
        else f", 95 % interval {format_signed(row.interval[0])} to {format_signed(row.interval[1])}"
    )
    detectable = "" if row.minimum_detectable is None else f", detectable {row.minimum_detectable:.2f}"
    marked = f"not zero-shot: {', '.join(row.not_zero_shot)}" if row.not_zero_shot else ""
    note = f" ({'; '.join(filter(None, [row.note, marked]))})" if row.note or marked else ""
    return f"{row.base:.2f} to {row.new:.2f}: {format_signed(row.difference)}{interval}{detectable}{note}"


def github(comparison: Comparison) -> str:
    """Workflow commands: an error for each regression, a warning for what could not be compared, a notice in sum."""
    name = " → ".join(comparison.names)
    lines = [
        _command("error", f"regression in {row.name}", f"{describe_loss(row)}; {_sentence(row)}")
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
        (describe_loss(row) if len(comparisons) == 1 else f"{comparison.names[1]}: {describe_loss(row)}")
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
