"""What the statistics of a study are computed from: the measured cells of each of its runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from xharness.comparison.source import Source
from xharness.comparison.sources import load_source
from xharness.runs.folder import RunFolder
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import Registry

RunName: TypeAlias = tuple[str, str, int]  # arm, target, seed


@dataclass(frozen=True, eq=False)
class Outcome:
    """One run of a study: what one arm, trained for one target with one seed, answered.

    Attributes:
        test: The cells that count, by task and language. Each has the metric's statistics by item, of shape (items,
            columns), with ids and clusters (:class:`xharness.tasks.base.Items`); ids pair the items of all runs, and
            translations with each other where the task is parallel. In memory, ``Source(name, path, cells)`` is enough.
        dev: The cells that choices are made on (English); None if this study makes none.
    """

    test: Source
    dev: Source | None = None


Outcomes: TypeAlias = Mapping[RunName, Outcome]


def outcome_of(
    run: RunFolder | Path,
    tasks: Collection[str] = (),
    *,
    dev: RunFolder | Path | None = None,
    registry: Registry | None = None,
) -> Outcome:
    """The outcome that a run folder (or the file of a baseline) holds, verified.

    Args:
        tasks: Those that count; all if empty.
        dev: A second run, of the same model on the tuning split.

    Raises:
        UserError: as :func:`xharness.comparison.sources.load_source`; or the run has no score of one of the tasks.
    """
    return Outcome(_read(run, tasks, registry), None if dev is None else _read(dev, tasks, registry))


def _read(run: RunFolder | Path, tasks: Collection[str], registry: Registry | None) -> Source:
    source = load_source(run.path if isinstance(run, RunFolder) else run, registry)
    scored = {task for task, _ in source.cells}
    for task in tasks:
        if task not in scored:
            whys = [why for (name, _), why in source.left_out.items() if name == task]
            why = whys[0] if whys else f"it has {', '.join(sorted(scored)) or 'no scores'}"
            raise UserError(f"{source.path} has no score of {task}", why, "evaluate it on this task")
    wanted = scored if not tasks else set(tasks)
    return replace(source, cells={name: cell for name, cell in source.cells.items() if name[0] in wanted})
