"""Finished chains of a folder beside each other: what an intermediate task brings, all else being equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xharness.checkpoints.config import read_json
from xharness.runs.reading import open_run
from xharness.submissions.zero_shot import with_sign
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.sealed import is_broken

DESCRIPTIONS = "chains"
"""Folder with a description of each chain: its lineage, and what must be the same in chains that are compared."""


@dataclass(frozen=True)
class ChainComparison:
    """The finished chains of a folder, as one of them sees them.

    Attributes:
        rows: Scores by task and the name as ``chain``: the comparable chain without intermediate task, this chain, the
            difference of the two, then other comparable chains.
        apart: The others, and in what they differ.
    """

    rows: Sequence[Mapping[str, Any]]
    apart: Mapping[str, Sequence[str]]


def compare_chains(out: Path, this: str) -> ChainComparison:
    """Scores of a finished chain beside those of every other one that differs from it before the targets only."""
    found = {path.parent.name: _description(out, path.parent.name) for path in (out / "runs").glob("*/scores.json")}
    mine, rows_by_name = found.pop(this), {this: _scores(out, this)}
    apart = {name: reasons for name in sorted(found) if (reasons := _differing(mine, found[name]))}
    for name in sorted(found.keys() - apart.keys()):
        try:
            rows_by_name[name] = _scores(out, name)
        except UserError as error:
            apart[name] = [f"its run cannot be read: {error.why}"]
    alike = sorted(found.keys() - apart.keys())
    # Without intermediate task: its encoder is an ancestor of this chain's, the earliest if there are several.
    plain = [name for name in alike if found[name]["lineage"][-1] in mine["lineage"][:-1]]
    plain = sorted(plain, key=lambda name: len(found[name]["lineage"]))[:1]
    rows = [rows_by_name[name] for name in (*plain, this)]
    if plain:
        before, now = rows
        both = [name for name in now if name != "chain" and now[name] is not None and before.get(name) is not None]
        short = plain[0].rpartition("-")[0]
        rows.append({"chain": f"this \N{MINUS SIGN} {short}", **{name: now[name] - before[name] for name in both}})
    return ChainComparison([*rows, *(rows_by_name[name] for name in alike if name not in plain)], apart)


def _description(out: Path, name: str) -> dict[str, Any]:
    """What is known of a chain; nothing of those of before it was written down, or whose file is damaged."""
    path = out / DESCRIPTIONS / f"{name}.json"
    try:
        found = read_json(path) if path.is_file() else {}
    except UserError:
        return {}
    return {} if is_broken(found) else found


def _differing(mine: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Why two chains cannot be compared; empty if they can."""
    if not other:
        return [f"not in {DESCRIPTIONS}/, or damaged there"]
    ours, theirs = mine["comparable"], other["comparable"]
    names = [name for name in ours if ours[name] != theirs.get(name)]
    if "targets" in names:  # then their recipes and data differ anyway
        names = [name for name in names if name not in ("recipe", "training data")]
    return [f"other {name}" for name in names]


def _scores(out: Path, name: str) -> dict[str, Any]:
    """The averages of one run, its name marked if it is not zero-shot.

    Raises:
        UserError: the run was changed since, or is not whole.
    """
    scores = open_run(out / "runs" / name).scores
    numbers = {task: scores.average(task) for task in scores.tasks}
    total = scores.average("all_task") if scores.has_total else None
    return {"chain": with_sign(name, bool(scores.not_zero_shot)), **numbers, "all_task": total}
