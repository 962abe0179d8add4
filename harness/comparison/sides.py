"""From what a user names to the two sides: runs, baselines, and several runs that differ by their seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xharness.comparison.baseline_names import resolve
from xharness.comparison.source import Source
from xharness.comparison.sources import load_source
from xharness.runs.reading import is_run
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.text import plural
from xharness.tasks.registry import Registry


@dataclass(frozen=True, eq=False)
class Side:
    """The runs of one side, and by name those that came to nothing, with the reason."""

    runs: Sequence[Source]
    failed: dict[str, str] = field(default_factory=dict)


def read_side(text: str, registry: Registry, *, by_seed: bool = False) -> Side:
    """Read what one argument names.

    Args:
        text: A run folder, a baseline file or ``@NAME``; with ``by_seed`` also several of them with commas between, a
            pattern (``runs/a-seed*``), or a folder that holds runs.

    Raises:
        UserError: as :func:`xharness.comparison.sources.load_source`; with ``by_seed`` only if fewer than two are
            whole.
    """
    if not by_seed:
        if _has_pattern(text) and (found := _matches(text)):
            raise UserError(
                f"{text} stands for {plural(len(found), 'run')}",
                "each argument is one side, and a side is one run",
                "name one run, or take them as seeds of one model with --group seed",
            )
        return Side([load_source(resolve(text), registry)])
    runs, failed = [], {}
    for path in several(text):
        try:
            runs.append(load_source(path, registry))
        except UserError as error:
            if not path.exists():
                raise  # a wrong name is not a failed run
            failed[path.name] = error.what
    if len(runs) < 2:
        why = "; ".join(failed.values()) or f"it is {plural(len(runs), 'finished run')}"
        raise UserError(
            f"{text} has {plural(len(runs), 'finished run')}",
            f"--group seed needs at least two a side ({why})",
            "name several with commas, a quoted pattern such as 'runs/a-seed*', or a folder that holds runs",
        )
    _refuse_twins(runs)
    return Side(runs, failed)


def several(text: str) -> list[Path]:
    """The runs that an argument stands for with ``--group seed``."""
    return [path for part in text.split(",") if part for path in _several(part)]


def disambiguate(sides: Sequence[Side]) -> list[Side]:
    """The sides, with paths for names where runs of different folders have the same name."""
    paths: dict[str, set[Path]] = {}
    for side in sides:
        for run in side.runs:
            paths.setdefault(run.name, set()).add(run.path.resolve())
    return [
        replace(side, runs=[replace(r, name=str(r.path)) if len(paths[r.name]) > 1 else r for r in side.runs])
        for side in sides
    ]


def _has_pattern(text: str) -> bool:
    return any(sign in text for sign in "*?[") and not Path(text).exists()


def _matches(pattern: str) -> list[Path]:
    anchor = Path(pattern).anchor
    return sorted(Path(anchor).glob(pattern.removeprefix(anchor)))


def _several(part: str) -> list[Path]:
    """The runs that a part of an argument stands for."""
    if _has_pattern(part):
        if not (found := [path for path in _matches(part) if path.is_dir()]):
            raise UserError(f"no run matches {part}", "no folder has such a name", "check the pattern and its quotes")
        return found
    path = resolve(part)
    if path.is_dir() and not is_run(path):
        return sorted(child for child in path.iterdir() if child.is_dir()) or [path]
    return [path]


def _refuse_twins(runs: Sequence[Source]) -> None:
    """Raise UserError for one model that counts twice."""
    for index, run in enumerate(runs):
        for other in runs[:index]:
            if run.models and run.models == other.models:
                raise UserError(
                    f"{other.name} and {run.name} are the same model",
                    "counted twice, it would make the spread over seeds look small",
                    "name each seed once",
                )
