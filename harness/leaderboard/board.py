"""The leaderboard as sections of one protocol each, and the columns that every format shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xharness.comparison.pairing import signature_changes
from xharness.leaderboard.ranks import Standing, standings
from xharness.leaderboard.rows import LeaderboardRow, Protocol
from xharness.runs.verify import CellName
from xharness.submissions.signature import Signature
from xharness.tasks.registry import XTREME

TITLES = {
    "all_task": "average",
    "classification": "sentence-pair classification",
    "tagging": "structured prediction",
    "qa": "question answering",
    "retrieval": "sentence retrieval",
}
"""The scores of the leaderboard's own columns, in its order, with its names."""

LEGEND = (
    "rank: 1-2 means that the rank is from 1 to 2 (95 %, all differences of the row together); rows that share a "
    "letter cannot be told apart (95 % interval of the difference, paired items, not corrected for the number of "
    "pairs)",
    "quoted: published elsewhere, not measured here; such rows have no interval and are in no tie",
)


@dataclass(frozen=True)
class Section:
    """Rows that may be compared, best first, and what a reader must know of them."""

    protocol: Protocol
    standings: Sequence[Standing]
    notes: Sequence[str]


def sections(rows: Sequence[LeaderboardRow], *, resamples: int = 1000, seed: int = 0) -> list[Section]:
    """Rows by protocol.

    A row without retrieval fits beside any retrieval protocol: it joins the first section of its training that has
    rows with an average, or else the first one.
    """
    found: dict[Protocol, list[LeaderboardRow]] = {}
    for row in rows:
        if row.protocol.retrieval != "none":
            found.setdefault(row.protocol, []).append(row)
    for row in rows:
        if row.protocol.retrieval == "none":
            home = _home(row.protocol, found)
            found.setdefault(home, []).append(row)
    ordered = sorted(found.items(), key=lambda item: item[0].order)
    return [Section(protocol, standings(members, resamples, seed), _notes(members)) for protocol, members in ordered]


def _home(protocol: Protocol, found: dict[Protocol, list[LeaderboardRow]]) -> Protocol:
    fitting = [other for other in found if replace(other, retrieval="none") == protocol]
    fitting.sort(key=lambda other: (not any("all_task" in row.scores for row in found[other]), other.order))
    return fitting[0] if fitting else protocol


def _notes(rows: Sequence[LeaderboardRow]) -> list[str]:
    """What belongs under a section: data that differ between runs, remarks of rows, and sources of quoted ones."""
    notes = [*_other_data(rows), *_measured_differently(rows)]
    notes += [f"{row.model}: {row.note}" for row in rows if row.note]
    notes += [f"{row.model} did not train: {task}: {why}" for row in rows for task, why in row.untrained.items()]
    if few := [row.model for row in rows if only_tasks(row)]:
        notes.append(f"only tasks are published, which --by task shows: {', '.join(few)}")
    notes += [f"{row.model} is quoted from: {'; '.join(row.sources)}" for row in rows if row.quoted]
    return notes


def only_tasks(row: LeaderboardRow) -> bool:
    """Whether a quoted row has nothing for the leaderboard's own columns."""
    return row.quoted and not any(name in row.scores for name in TITLES)


def _other_data(rows: Sequence[LeaderboardRow]) -> list[str]:
    """One line if runs were scored on different data."""
    hashes: dict[str, set[str]] = {}
    for row in rows:
        for (task, language), cell in row.run.cells.items() if row.run else ():
            if signed := Signature.parse(cell.signature)["data"]:
                hashes.setdefault(f"{task}.{language}", set()).add(signed)
    differ = [name for name, found in hashes.items() if len(found) > 1]
    shown = ", ".join(differ[:3]) + (f" and {len(differ) - 3} more" if len(differ) > 3 else "")
    return [f"the runs were scored on different data: {shown}"] if differ else []


def _measured_differently(rows: Sequence[LeaderboardRow]) -> list[str]:
    """One line for each part of the signatures, beside model and data, in which runs differ from the first."""
    first: dict[CellName, str] = {}
    found: dict[str, None] = {}
    for row in rows:
        for name, cell in row.run.cells.items() if row.run else ():
            changes = signature_changes(first.setdefault(name, cell.signature), cell.signature)
            found |= {f"{row.model} was measured differently: {c}": None for c in changes if c.part != "data"}
    return list(found)


def rank_text(standing: Standing) -> str:
    """``1``, or ``2=`` where two rows have the same average; empty without an average."""
    return "" if standing.rank is None else f"{standing.rank}{'=' if standing.shared else ''}"


def ranks_text(standing: Standing) -> str:
    """``1-2``, ``1``, or why there is none."""
    if standing.rank is None:
        return ""
    if standing.ranks is None:
        return "quoted" if standing.row.quoted else ""
    low, high = standing.ranks
    return f"{low}-{high}" if low < high else str(low)


def points(score: float | None) -> str:
    """Two decimals; empty where there is no score."""
    return "" if score is None else f"{score:.2f}"


def shown_tasks(section: Section) -> list[str]:
    """Tasks of which a row of the section has a score: the benchmark's in its order, then others."""
    rows = [standing.row for standing in section.standings]
    there = {name for row in rows for name in (*row.scores, *row.partial)}
    return [task for task in (*XTREME.languages, *sorted(there - {*TITLES, *XTREME.languages})) if task in there]


def shown_languages(section: Section) -> dict[str, list[str]]:
    """Languages by task of which a row of the section has a score: the benchmark's in its order, then others."""
    rows = [standing.row for standing in section.standings]
    other: dict[str, dict[str, None]] = {}
    for row in rows:
        for task in sorted(row.languages.keys() - XTREME.languages.keys()):
            other.setdefault(task, {}).update(dict.fromkeys(row.languages[task]))
    found = {
        task: [lang for lang in languages if any(lang in row.languages.get(task, {}) for row in rows)]
        for task, languages in {**XTREME.languages, **other}.items()
    }
    return {task: languages for task, languages in found.items() if languages}
