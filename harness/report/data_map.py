"""A data map as a page: every example by variability and confidence, and how many there are of each kind."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

import numpy as np

from xharness.report.data_map_tables import by_correctness
from xharness.report.page import render_page
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.outputs import write_output
from xharness.tasks.selection.cartography import DataMap, Floats

SCRIPTS = ("d3.min.js", "plot.umd.min.js", "tables.js", "data_map.js")
MOST = 10_000  # points that a browser draws at once without a wait
BINS = 25
DIGITS = 4


def write_data_map(found: DataMap, out: Path, title: str, selected: Collection[str] = ()) -> None:
    """Write the page.

    Args:
        title: What the map is of.
        selected: Ids that were taken as a subset; the others are drawn fainter.

    Raises:
        UserError: it cannot be written.
    """
    write_output(out, _rendered(found, title, set(selected)))


def _rendered(found: DataMap, title: str, selected: set[str]) -> str:
    shown = _shown(found)
    passes = f"{found.passes} pass{'es' if found.passes > 1 else ''}"
    drawn = f", {len(shown):,} of them drawn" if len(shown) < len(found.ids) else ""
    unseen = f", {found.unseen:,} never seen and left out" if found.unseen else ""
    data = {
        "tables": {},
        "passes": found.passes,
        "selection": bool(selected),
        "points": [_point(found, place, found.ids[place] in selected) for place in shown],
        "confidence": _histogram(found.confidence, 1.0),
        "variability": _histogram(found.variability, 0.5),
    }
    values = {
        "title": title,
        "subtitle": f"Data map: {len(found.ids):,} training examples{drawn}{unseen}, {passes}",
        "selected": len(selected),
        "correctness": by_correctness(found),
    }
    return render_page("data_map.html.j2", values, data, SCRIPTS)


def _shown(found: DataMap) -> list[int]:
    """The examples that are drawn: all, or a sample that is the same every time."""
    places = range(len(found.ids))
    if len(places) <= MOST:
        return list(places)
    digests = [hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest() for name in found.ids]
    return sorted(sorted(places, key=lambda place: (digests[place], place))[:MOST])


def _point(found: DataMap, place: int, selected: bool) -> list[Json]:
    measures = (found.variability[place], found.confidence[place])
    numbers = [round(float(each), DIGITS) for each in measures]
    return [found.ids[place], *numbers, int(found.correctness[place]), int(found.forgetting[place]), selected]


def _histogram(values: Floats, most: float) -> list[JsonObject]:
    """Examples by value, in bins of equal width from 0 to ``most``."""
    counts, edges = np.histogram(values, BINS, (0.0, most))
    return [
        {"low": round(float(low), DIGITS), "high": round(float(high), DIGITS), "examples": int(count)}
        for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
    ]
