"""Small made-up studies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tests.harness.comparison.made import right, source
from xharness.studies.statistics.outcome import Outcome, RunName
from xharness.tasks.base import Items

SHARES = {"none": 0.5, "a": 0.6, "b": 0.7}


def study(
    shares: Mapping[str, float] | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    languages: Sequence[str] = ("de", "en"),
    *,
    task: str = "xnli",
    target: str = "xnli",
    size: int = 60,
    dev: Mapping[str, float] | None = None,
) -> dict[RunName, Outcome]:
    """Arms with these shares of right answers, drawn by name of arm and seed.

    Args:
        dev: Shares of English dev.
    """
    runs = {}
    for place, (arm, share) in enumerate((shares or SHARES).items()):
        for seed in seeds:
            generator = np.random.default_rng([place, seed])
            cells = {(task, language): right(generator.random(size) < share) for language in languages}
            tuned = {(task, "en"): right(generator.random(size) < dev[arm])} if dev else {}
            name = f"{arm}-{seed}"
            runs[arm, target, seed] = Outcome(source(name, cells), source(name, tuned) if dev else None)
    return runs


def exactly(hits: Callable[[str, int], int], arms: Sequence[str], seeds: Sequence[int]) -> dict[RunName, Outcome]:
    """Of 100 items the first are right, as many as said by arm and seed."""
    made: dict[RunName, Outcome] = {}
    for arm in arms:
        for seed in seeds:
            items: Items = right(np.arange(100) < hits(arm, seed))
            made[arm, "tatoeba", seed] = Outcome(source(f"{arm}{seed}", {("tatoeba", "de"): items}))
    return made
