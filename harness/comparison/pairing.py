"""Items of several sources put side by side by id, and what keeps cells from being compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xharness.comparison.source import Measured, Source, benchmark_order
from xharness.runs.verify import CellName
from xharness.submissions.signature import Change, Signature
from xharness.tasks.base import Items, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.text import plural

SHOWN_CELLS = 3


@dataclass(frozen=True, eq=False)
class Paired:
    """One cell of all sources.

    Attributes:
        items: Counts have shape (items, sources * columns of the metric).
        sources: Number of sources.
        across: In which parts the signatures differ; empty unless ``across`` was asked for.
        note: What a reader of the numbers must know; empty for most.
    """

    task: Task
    language: str
    items: Items
    sources: int
    across: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Missing:
    """A cell that one side, or one seed of it, does not have."""

    task: str
    language: str
    reason: str


@dataclass(frozen=True)
class Pairing:
    """Cells that all sources have, and by side (``base``, ``new``) those that it lacks."""

    cells: Mapping[CellName, Paired]
    missing: Mapping[str, Sequence[Missing]]


def pair(base: Sequence[Source], new: Sequence[Source], *, across: bool = False) -> Pairing:
    """Put the cells that all sources have side by side, base first.

    Raises:
        UserError: signatures differ and ``across`` is not asked for; or no cell is common.
    """
    missing = {"base": list(_missing(base, new)), "new": list(_missing(new, base))}
    sources = (*base, *new)
    common = [name for name in base[0].cells if all(name in source.cells for source in sources)]
    if not across:
        _refuse_other_signatures(sources, common)
    cells = {}
    for name in common:
        paired, why = _pair_cell([source.cells[name] for source in sources])
        if paired is None:
            for side in missing.values():
                side.append(Missing(*name, why))
        else:
            cells[name] = paired
    if not cells:
        raise _nothing_in_common(base, new)
    return Pairing(cells, missing)


def signature_changes(first: str, second: str) -> list[Change]:
    """In which parts two signatures differ beside the model."""
    return Signature.parse(first).changes(Signature.parse(second))


def _missing(side: Sequence[Source], other: Sequence[Source]) -> Iterator[Missing]:
    """Cells that some source has and some source of this side lacks."""
    everything = {name: None for source in (*side, *other) for name in (*source.cells, *source.left_out)}
    known = {name: cell for source in (*side, *other) for name, cell in source.cells.items()}
    for name in dict.fromkeys([*benchmark_order(known), *sorted(everything)]):
        lacking = [source for source in side if name not in source.cells]
        if lacking:
            why = lacking[0].left_out.get(name, "not evaluated")
            yield Missing(*name, why if len(side) == 1 else f"{', '.join(s.name for s in lacking)}: {why}")


def _refuse_other_signatures(sources: Sequence[Source], names: Sequence[CellName]) -> None:
    """Raise UserError that says in what cells differ, and which cells."""
    found: dict[str, list[str]] = {}
    parts: set[str] = set()
    for name in names:
        first = sources[0].cells[name].signature
        for change in sorted(
            {c for source in sources[1:] for c in signature_changes(first, source.cells[name].signature)}
        ):
            # Every cell has data of its own, so that the hashes would make a line for each.
            what = "the data differ" if change.part == "data" else str(change)
            parts.add(change.part)
            found.setdefault(what, []).append(".".join(name))
    if not found:
        return
    raise UserError(
        f"{sources[0].name} and {sources[-1].name} are not the same measurement",
        "; ".join(f"{what} ({_some(cells)})" for what, cells in found.items()),
        f"{_same(parts)}, or compare all the same with --across, which marks every such row",
    )


def _same(parts: set[str]) -> str:
    """What makes two measurements the same, by the parts in which they differ."""
    if parts == {"data"}:
        return "evaluate both on the same data"
    if parts == {"version"}:
        return "evaluate both with the same version of xharness"
    return "evaluate both in the same way"


def _some(cells: Sequence[str]) -> str:
    """The first few cells and how many more there are."""
    shown, rest = cells[:SHOWN_CELLS], len(cells) - SHOWN_CELLS
    return ", ".join(shown) + (f" and {plural(rest, 'more cell')}" if rest > 0 else "")


def _nothing_in_common(base: Sequence[Source], new: Sequence[Source]) -> UserError:
    sides = [sorted({task for source in side for task, _ in source.cells}) for side in (base, new)]
    has = [
        f"{side[0].name} has {', '.join(tasks) or 'no scores'}" for side, tasks in zip((base, new), sides, strict=True)
    ]
    why = "; ".join(has) if sides[0] != sides[1] else f"both have {', '.join(sides[0])}, but not in the same languages"
    return UserError(
        "nothing to compare: no cell is in both runs", why, "evaluate both on the same tasks and languages"
    )


def _pair_cell(cells: Sequence[Measured]) -> tuple[Paired | None, str]:
    """The cell, or why it cannot be paired."""
    first = cells[0]
    changes = [change for cell in cells[1:] for change in signature_changes(first.signature, cell.signature)]
    across = tuple(dict.fromkeys(map(str, changes)))
    # Items of mining are the sentences that a run has mined, so that runs have others; the missing ones count 0.
    mined = first.task.type.items_differ
    if mined and any(change.part == "data" for change in changes):
        return None, "the data differ, and mined pairs of other corpora cannot be matched"
    if all(cell.items.ids == first.items.ids for cell in cells):
        counts = np.hstack([cell.items.statistics for cell in cells])
        items = Items(first.items.ids, first.items.clusters, counts)
        return Paired(first.task, first.language, items, len(cells), across), ""
    rows = [_rows(cell.items.ids) for cell in cells]
    everything = list(dict.fromkeys(name for found in rows for name in found))
    names = everything if mined else [name for name in everything if all(name in found for found in rows)]
    if not names:
        return None, "no item is in both"
    columns = [_aligned(cell.items, found, names) for cell, found in zip(cells, rows, strict=True)]
    cluster = {
        name: cell.items.clusters[row] for cell, found in zip(cells, rows, strict=True) for name, row in found.items()
    }
    items = Items(
        tuple(name for name, _ in names), tuple(cluster[name] for name in names), np.hstack(columns).astype(np.float64)
    )
    note = "" if len(names) == len(everything) else f"{len(names):,} of {len(everything):,} items are in both"
    return Paired(first.task, first.language, items, len(cells), across, note), ""


ItemName = tuple[str, int]


def _rows(ids: Sequence[str]) -> dict[ItemName, int]:
    """The row of each item; an id that comes again is told apart by how often it came before."""
    seen: dict[str, int] = {}
    rows: dict[ItemName, int] = {}
    for row, name in enumerate(ids):
        times = seen.get(name, 0)
        seen[name] = times + 1
        rows[name, times] = row
    return rows


def _aligned(
    items: Items, rows: Mapping[ItemName, int], names: Sequence[ItemName]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Counts in the order of the names; 0 for items that are not there."""
    order = np.array([rows.get(name, -1) for name in names])
    return np.where((order >= 0)[:, None], items.statistics[order], 0.0)
