"""Run folders, read for a report: scores and manifest, with a short name each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.compare.source import near_names
from harness.runs import KIND, RunFolder
from submissions.zero_shot import marks
from tasks.errors import UserError

MOST_RUNS = 8  # as many as there are colours that people tell apart
NEEDED = ("benchmark", "cells", "tasks", "groups", "all_task", "unscored")


@dataclass(frozen=True, eq=False)
class Run:
    """One evaluation.

    Attributes:
        name: The shortest end of its path that tells it from the other runs.
        scores: Content of ``scores.json``.
        manifest: Content of ``manifest.json``.
    """

    name: str
    path: Path
    scores: Mapping[str, Any]
    manifest: Mapping[str, Any]

    @property
    def ours(self) -> Mapping[str, Any]:
        """The part of the scores with intervals and signatures."""
        part: Mapping[str, Any] = self.scores["xharness"]
        return part

    def score(self, task: str, language: str) -> float | None:
        """The number of one cell in percent, or None."""
        cell = self.ours["cells"].get(task, {}).get(language)
        return None if cell is None else float(cell["score"])

    def marked(self, *tasks: str) -> bool:
        """True if a number over these tasks is not zero-shot."""
        seen = marks(self.scores)
        return any(task in seen for task in tasks)


def load_runs(paths: Sequence[Path]) -> list[Run]:
    """Read run folders, in the order given.

    Raises:
        UserError: one of them is no run, has no scores yet, or was scored by an xharness that wrote other scores.
    """
    if not paths:
        raise UserError("no run given", "a report is about at least one run", "name a run folder")
    if len(paths) > MOST_RUNS:
        why = f"a page tells {MOST_RUNS} apart"
        raise UserError(f"{len(paths)} runs for one report", why, f"name {MOST_RUNS} at most")
    if len({path.resolve() for path in paths}) < len(paths):
        raise UserError("the same run twice", "a run has nothing to tell beside itself", "name each run once")
    return [_load(path, name) for path, name in zip(paths, short_names(paths), strict=True)]


def short_names(paths: Sequence[Path]) -> list[str]:
    """For each path the fewest last parts that no other path shares: ``seed1/run`` and ``seed2/run``."""
    whole = [path.resolve().parts for path in paths]
    for length in range(1, max(map(len, whole)) + 1):
        names = ["/".join(parts[-length:]) for parts in whole]
        if len(set(names)) == len(names):
            break
    return names


def _load(path: Path, name: str) -> Run:
    manifest = RunFolder(path).manifest() if path.is_dir() else {}
    if manifest.get("kind") != KIND:
        if not path.exists():
            raise UserError(f"no run at {path}", "there is no such folder", near_names(path))
        fix = "name a folder that xharness evaluate has written"
        raise UserError(f"{path} is no run", "it has no manifest.json of a run", fix)
    scores = path / "scores.json"
    again = f"run xharness evaluate again with --out {path}: it continues"
    try:
        content = json.loads(scores.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path} has no scores", "its evaluation did not finish", again) from error
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {scores}", str(error), again) from error
    ours = content.get("xharness") if isinstance(content, dict) else None
    lacking = [key for key in NEEDED if not isinstance(ours, dict) or key not in ours]
    if lacking:
        raise UserError(f"cannot read {scores}", f"it lacks {', '.join(lacking)}; another xharness wrote it", again)
    return Run(name, path, content, manifest)
