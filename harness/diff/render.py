"""A difference as markdown and as JSON, and the sentences that every format has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from xharness.comparison.comparison import SIDES
from xharness.diff.confusion import Confusion
from xharness.diff.items import Difference, ItemChange, Status
from xharness.diff.mark import MarkedText, mark_differences
from xharness.submissions.zero_shot import LEGEND, with_sign
from xharness.tables import escapes
from xharness.tables.markdown import piped
from xharness.tasks.common.files import render_json
from xharness.tasks.common.text import plural

HEADER = ("status", "points", "item", "input", "gold", "base", "new")
NOTHING = "–"  # an answer that is not there


def summary(found: Difference) -> str:
    """``xquad zh: 61.20 -> 62.10 (+0.90) over 1190 items``."""
    return f"{found.task.name} {found.language}: {_change(found)}"


def _change(found: Difference) -> str:
    base, new = found.scores
    before, after = (
        with_sign(f"{score:.2f}", side in found.not_zero_shot) for side, score in zip(SIDES, found.scores, strict=True)
    )
    return f"{before} -> {after} ({new - base:+.2f}) over {plural(found.n, 'item')}"


def legend(found: Difference) -> str:
    """What the sign beside a score means, and of which run; empty if there is none."""
    return f"{LEGEND} by {' and '.join(found.not_zero_shot)}" if found.not_zero_shot else ""


def describe_counts(found: Difference) -> str:
    """How many items changed, by status."""
    unchanged = found.n - len(found.changes)
    return f"{', '.join(f'{count} {status}' for status, count in found.counts.items())}, {unchanged} unchanged"


def select_changes(found: Difference, statuses: Sequence[Status], limit: int) -> list[ItemChange]:
    """The first ``limit`` changes with one of the statuses; 0 for all."""
    listed = [change for change in found.changes if change.status in statuses]
    return listed[:limit] if limit else listed


def describe_rest(found: Difference, statuses: Sequence[Status], shown: int) -> str:
    """What is not shown, and how to see it; empty if nothing is left out."""
    more = sum(found.counts[status] for status in statuses) - shown
    others = [f"{found.counts[status]} {status}" for status in found.counts if status not in statuses]
    hidden = [name for name in others if not name.startswith("0 ")]
    parts = [f"{more} more with --limit 0"] if more else []
    parts += [f"{', '.join(hidden)} with --status"] if hidden else []
    return f"not shown: {'; '.join(parts)}" if parts else ""


def facts_of_run(change: ItemChange, prefix: str) -> list[str]:
    """The facts of one run: ``similarity 0.812``."""
    named = (name.removeprefix(prefix) for name in change.facts if name.startswith(prefix))
    return [f"{name} {change.facts[prefix + name]}" for name in named]


def matrix(base: Confusion, new: Confusion) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the confusion: for every gold type one row a run, predicted types across."""
    header = ["gold", "run", *base.types]
    rows = []
    present = {gold for counts in (base.counts, new.counts) for gold, _ in counts}
    for gold in (gold for gold in base.types if gold in present):
        for run, counts in (("base", base.counts), ("new", new.counts)):
            found = [counts.get((gold, predicted), 0) for predicted in base.types]
            rows.append([gold if run == "base" else "", run, *(str(count) if count else "·" for count in found)])
    return header, rows


def markdown(found: Difference, statuses: Sequence[Status], limit: int) -> str:
    """A section with the changed items as one table; what differs is bold."""
    shown = select_changes(found, statuses, limit)
    cell = escapes.markdown(f"{found.task.name} {found.language}")  # the arrow stays as it is
    lines = [f"### {cell}: {_change(found)}", "", describe_counts(found), ""]
    lines += [said, ""] if (said := legend(found)) else []
    lines += [*piped(HEADER, map(_cells, shown)), ""] if shown else []
    if rest := describe_rest(found, statuses, len(shown)):
        lines += [rest, ""]
    if found.confusion and found.changes:
        header, rows = matrix(*found.confusion)
        header, rows = [*map(escapes.markdown, header)], [[*map(escapes.markdown, row)] for row in rows]
        lines += [f"#### {found.confusion[0].unit}: gold (down) by predicted (across)", "", *piped(header, rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def as_json(found: Difference, statuses: Sequence[Status], limit: int) -> str:
    """Everything of the chosen items, and the counts of all."""
    content: dict[str, Any] = {
        "task": found.task.name,
        "language": found.language,
        "items": found.n,
        "scores": dict(zip(SIDES, found.scores, strict=True)),
        "not_zero_shot": found.not_zero_shot,
        "counts": found.counts,
        "changes": [asdict(change) for change in select_changes(found, statuses, limit)],
    }
    if found.confusion:
        base, new = found.confusion
        listed = [
            {"gold": gold, "predicted": given, "base": base.counts.get(pair, 0), "new": new.counts.get(pair, 0)}
            for pair in sorted({*base.counts, *new.counts})
            for gold, given in [pair]
        ]
        content["confusion"] = {"unit": base.unit, "types": base.types, "counts": listed}
    return render_json(content)


def _cells(change: ItemChange) -> list[str]:
    base, new = mark_differences(change.base, change.new)
    inputs = "<br>".join(escapes.markdown(f"{name}: {text}") for name, text in change.inputs.items())
    answers = [
        "<br>".join([_bold(parts) or NOTHING, *map(escapes.markdown, facts_of_run(change, prefix))])
        for prefix, parts in (("base ", base), ("new ", new))
    ]
    gold = escapes.markdown(change.gold) or NOTHING
    return [change.status, f"{change.effect:+.3f}", escapes.markdown(change.id), inputs, gold, *answers]


def _bold(parts: Sequence[MarkedText]) -> str:
    return "".join(_emphasised(part.text) if part.differs else escapes.markdown(part.text) for part in parts)


def _emphasised(text: str) -> str:
    """Bold without the spaces around it, which markdown would not take for bold."""
    inner = text.strip()
    if not inner:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}**{escapes.markdown(inner)}**{after}"
