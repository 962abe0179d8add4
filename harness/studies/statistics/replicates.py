"""The multi-bootstrap (Sellam et al. 2022): seeds and clusters of items drawn with replacement, both at once.

A replicate is one world: a drawn set of items, the same for all arms and seeds, and drawn seeds, the same for all arms
that have the same seeds. The score of an arm in it is the metric of each run on the drawn items, averaged over the
drawn seeds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xharness.comparison.pairing import Missing, Paired, Pairing, pair
from xharness.comparison.source import Source
from xharness.runs.verify import CellName
from xharness.studies.statistics.contrasts import Endpoint, choose
from xharness.studies.statistics.outcome import Outcomes, RunName
from xharness.studies.statistics.pools import Replicated, draw_counts, replicate
from xharness.studies.statistics.settings import Settings
from xharness.submissions.signature import Signature
from xharness.submissions.zero_shot import PART
from xharness.tasks.base import FloatArray
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.metrics.intervals import seed_of

TEST, DEV = "test", "dev"


@dataclass(frozen=True, eq=False)
class EndpointScore:
    """The score of one arm at one endpoint.

    Attributes:
        block: Values with equal blocks have their seeds drawn together, in the order of ``points``.
        points: By seed, in percent.
        draws: Shape (R,).
    """

    block: tuple[str, ...]
    seeds: tuple[int, ...]
    points: FloatArray
    draws: FloatArray


class Replicates:
    """The outcomes of a study, and the replicates of the scores that are asked for; each is drawn once, when needed.

    Args:
        outcomes: May read a run only when it is asked for: those of one target are, one after the other, and of them
            only the replicates are kept.
    """

    def __init__(self, outcomes: Outcomes, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.settings.check()
        self._outcomes, self._names = outcomes, sorted(outcomes)
        self._cells: dict[tuple[str, str, str], Mapping[CellName, Replicated]] = {}
        self._missing: dict[str, list[Missing]] = {}
        self._seeds: dict[tuple[str, ...], FloatArray] = {}

    def seeds(self, arm: str, target: str) -> tuple[int, ...]:
        """Seeds of which there is an outcome, in order."""
        return tuple(run[2] for run in self._names if run[:2] == (arm, target))

    def lacking(self, arm: str, endpoint: Endpoint, split: str = TEST) -> Iterator[str]:
        """What is not there of the score of an arm, for people; nothing if it can be computed.

        Raises:
            UserError: no metric gives such a score; or the runs are not the same measurement.
        """
        if not self.seeds(arm, endpoint.target):
            yield f"{arm} on {endpoint.target}"
        elif not (there := self._replicated(endpoint.target, split, endpoint.score)):
            yield f"{split} scores of {endpoint.target}"
        else:
            names = _chosen(endpoint, there)
            yield from (f"{task} {name} of {endpoint.target}" for task, name in names if (task, name) not in there)
            if not names:
                yield f"{endpoint.task or 'scores'} of {endpoint.target} in these languages"

    def missing(self, target: str) -> Sequence[Missing]:
        """Cells that some run has and another lacks, so that they count for no arm."""
        if target not in self._missing:
            self._replicated(target, TEST, "")
        return self._missing[target]

    def value(self, arm: str, endpoint: Endpoint, split: str = TEST) -> EndpointScore:
        """The score of an arm, which must lack nothing."""
        rows = [row for row, run in enumerate(self._of(endpoint.target)) if run[0] == arm]
        cells = self._replicated(endpoint.target, split, endpoint.score)
        by_task: dict[str, list[Replicated]] = {}
        for name in _chosen(endpoint, cells):
            by_task.setdefault(name[0], []).append(cells[name])
        points = [np.mean([cell.scores[rows] for cell in each], axis=0) for each in by_task.values()]
        draws = [np.mean([cell.replicates[:, rows] for cell in each], axis=0) for each in by_task.values()]
        seeds = self.seeds(arm, endpoint.target)
        block = tuple(map(str, seeds)) if self.settings.paired_seeds else (arm, *map(str, seeds))
        drawn = (np.mean(draws, axis=0) * self._seed_weights(block, len(seeds))).sum(axis=1)
        return EndpointScore(block, seeds, np.mean(points, axis=0), drawn)

    def _of(self, target: str) -> list[RunName]:
        return [run for run in self._names if run[1] == target]

    def _replicated(self, target: str, split: str, score: str) -> Mapping[CellName, Replicated]:
        """The cells that all runs of a target have, and that have the score; none of dev unless all runs have it."""
        if (target, split, score) not in self._cells:
            pairing = self._pair(target, split)
            if split == TEST:
                lacking = {(cell.task, cell.language): cell for side in pairing.missing.values() for cell in side}
                self._missing[target] = list(lacking.values())
            cells = _with_score(target, list(pairing.cells.values()), score)
            self._cells[target, split, score] = replicate(cells, self.settings, split, score)
        return self._cells[target, split, score]

    def _pair(self, target: str, split: str) -> Pairing:
        sources = []
        for run in self._of(target):
            outcome = self._outcomes[run]
            if (source := outcome.test if split == TEST else outcome.dev) is None:
                return Pairing({}, {})
            sources.append(_named(source, run))
        if not sources:
            return Pairing({}, {})
        found, there = pair(sources[:1], sources[1:]), {name for source in sources for name in source.cells}
        return replace(found, missing={side: _of_cells(cells, there) for side, cells in found.missing.items()})

    def _seed_weights(self, block: tuple[str, ...], count: int) -> FloatArray:
        """How much each seed counts in each replicate, shape (R, seeds)."""
        if block not in self._seeds:
            generator = np.random.default_rng(seed_of(self.settings.seed, "seeds", *block))
            self._seeds[block] = draw_counts(count, self.settings.resamples, generator) / count
        return self._seeds[block]


def _of_cells(missing: Iterable[Missing], there: Collection[CellName]) -> list[Missing]:
    """Without cells that no run has, as for want of gold."""
    return [cell for cell in missing if (cell.task, cell.language) in there]


def _chosen(endpoint: Endpoint, there: Iterable[CellName]) -> list[CellName]:
    """The cells that a endpoint means: all that are listed by language, whether there or not."""
    languages: dict[str, list[str]] = {endpoint.task: []} if endpoint.task else {}
    for task, language in there:
        if endpoint.task in ("", task):
            languages.setdefault(task, []).append(language)
    return [(task, name) for task, found in languages.items() for name in choose(endpoint.languages, found)]


def _named(source: Source, run: RunName) -> Source:
    """The run under its name in the study, with what arms may differ in taken out of its signatures."""
    arm, target, seed = run
    cells = {name: replace(cell, signature=_comparable(cell.signature)) for name, cell in source.cells.items()}
    return replace(source, name=f"{arm} on {target}, seed {seed}", cells=cells)


def _comparable(signature: str) -> str:
    parts = Signature.parse(signature).parts
    return str(Signature({name: value for name, value in parts.items() if name not in PART}))


def _score_names(cell: Paired) -> list[str]:
    return list(cell.task.metric.aggregate(np.zeros(len(cell.task.metric.columns))))


def _with_score(target: str, cells: list[Paired], score: str) -> list[Paired]:
    """The cells that have the score; all of them if it is the main one."""
    if not score or not cells:
        return cells
    known = {name: None for cell in cells for name in _score_names(cell)}
    if score not in known:
        what = f"nothing of {target} has the score {score!r}"
        raise UserError(what, f"its metrics give {', '.join(known)}", suggestion(score, known))
    return [cell for cell in cells if score in _score_names(cell)]
