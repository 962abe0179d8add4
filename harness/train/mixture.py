"""Which examples make up optimizer step n: a pure function of sizes, options, seed and n, so that resume is exact.

Two things are drawn, from streams of their own: which task comes next, and in which order a task's examples come. The
second depends on the seed, the task's name and the number of the pass only, so a task added to a mixture changes how
often another one is drawn but never the order of its examples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.common.errors import UserError
from xharness.train.mixture_options import MixtureOptions, probabilities

MEGA_BATCH = 50  # batches that are sorted by length together
PASSES_KEPT = 2  # a step at the border of two passes needs both

Integers: TypeAlias = NDArray[np.int64]


class Mixture:
    """The examples of every optimizer step.

    A task's examples come pass after pass, each exactly once a pass and in a new order every pass; the end of one
    pass and the start of the next may share a step.

    Args:
        sizes: Number of units (examples, windows or blocks) by task.
        batch_size: Units an optimizer step.
        steps: Optimizer steps of the whole training.
        lengths: For ``grouped``: the length of each unit, in any unit of measure, by task.

    Attributes:
        visits: How many units each task gives over the whole training; ``visits / size`` is its epochs.

    Raises:
        UserError: sizes and options do not fit (see :func:`probabilities`); grouped without homogeneous steps.
        ValueError: grouped, and the lengths are not those of the sizes.
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        options: MixtureOptions,
        *,
        batch_size: int,
        steps: int,
        seed: int,
        lengths: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        drawable = {name: p for name, p in probabilities(sizes, options).items() if p > 0}
        self._names = tuple(drawable)
        self._sizes = dict(sizes)
        self._batch_size, self._steps, self._seed = batch_size, steps, seed
        self._lengths = self._checked(lengths, options) if options.grouped else None
        # A draw decides the task of ``_run`` units in a row: of a whole step, or of one unit.
        whole = options.homogeneous or len(drawable) == 1
        draws, self._run = (1, batch_size) if whole else (batch_size, 1)
        self._tasks = self._draw(np.array(list(drawable.values())), (steps, draws))
        self._before = self._counted() * self._run
        self._passes: dict[tuple[str, int], Integers] = {}
        self.visits = dict.fromkeys(sizes, 0) | dict(zip(self._names, self._before[-1].tolist(), strict=True))

    def step(self, number: int) -> list[tuple[str, int]]:
        """(task, unit) pairs of optimizer step ``number``, from 0, in the order drawn. Any step at any time.

        Raises:
            IndexError: no such step.
        """
        if not 0 <= number < self._steps:
            raise IndexError(f"step {number} of {self._steps}")
        drawn = np.repeat(self._tasks[number], self._run)
        units = np.empty(self._batch_size, dtype=np.int64)
        for task in np.unique(drawn):
            here = drawn == task
            units[here] = self._units(self._names[task], int(self._before[number, task]), int(here.sum()))
        return [(self._names[task], unit) for task, unit in zip(drawn.tolist(), units.tolist(), strict=True)]

    def passes(self, number: int) -> list[int]:
        """Of each unit of optimizer step ``number``, the pass over its task that it belongs to, from 0."""
        drawn = np.repeat(self._tasks[number], self._run)
        found = np.empty(self._batch_size, dtype=np.int64)
        for task in np.unique(drawn):
            here = drawn == task
            found[here] = (self._before[number, task] + np.arange(here.sum())) // self._sizes[self._names[task]]
        return found.tolist()

    def _checked(
        self, lengths: Mapping[str, Sequence[int]] | None, options: MixtureOptions
    ) -> dict[str, NDArray[np.int64]]:
        """The lengths of the tasks that can be drawn."""
        if len(self._names) > 1 and not options.homogeneous:
            raise UserError(
                "a step cannot be grouped by length and mix tasks",
                "batches of similar length are made task by task",
                "draw one task a step, or leave grouping out",
            )
        found = {name: np.asarray((lengths or {}).get(name, ()), dtype=np.int64) for name in self._names}
        for name, values in found.items():
            if len(values) != self._sizes[name]:
                raise ValueError(f"{len(values)} lengths for {self._sizes[name]} units of {name}")
        return found

    def _draw(self, chances: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.uint16]:
        """Indices of tasks, independent of each other. Shape (steps, draws a step)."""
        edges = np.cumsum(chances)[:-1]
        fractions = (_stream(f"{self._seed}").random_raw(shape[0] * shape[1]) >> np.uint64(11)) * 2.0**-53
        return np.searchsorted(edges, fractions, side="right").astype(np.uint16).reshape(shape)

    def _counted(self) -> Integers:
        """How often each task was drawn before each step, and in all. Shape (steps + 1, tasks)."""
        steps, draws = self._tasks.shape
        cells = np.repeat(np.arange(steps) * len(self._names), draws) + self._tasks.ravel()
        counts = np.bincount(cells, minlength=steps * len(self._names)).reshape(steps, len(self._names))
        return np.concatenate([np.zeros((1, len(self._names)), dtype=np.int64), np.cumsum(counts, axis=0)])

    def _units(self, task: str, start: int, count: int) -> Integers:
        """Units ``start`` to ``start + count`` of a task's stream of passes."""
        parts, size = [], self._sizes[task]
        while count:
            number, offset = divmod(start, size)
            parts.append(self._order(task, number)[offset : offset + count])
            start, count = start + len(parts[-1]), count - len(parts[-1])
        return np.concatenate(parts)

    def _order(self, task: str, number: int) -> Integers:
        """The order of a task's units in pass ``number``; the last passes asked for are kept."""
        key = (task, number)
        if key not in self._passes:
            stale = sorted(kept for kept in self._passes if kept[0] == task)
            for old in stale[: len(stale) - PASSES_KEPT + 1]:
                del self._passes[old]
            stream = _stream(f"{self._seed}\0{task}\0{number}")
            order = _shuffled(stream, self._sizes[task])
            self._passes[key] = order if self._lengths is None else self._grouped(order, task, number, stream)
        return self._passes[key]

    def _grouped(self, order: Integers, task: str, number: int, stream: np.random.PCG64) -> Integers:
        """The same units in batches of similar length, the batches in random order.

        Batches that a pass shares with its neighbours are left as they are: their units come from two passes.
        """
        assert self._lengths is not None
        batch, size = self._batch_size, self._sizes[task]
        first = min(-number * size % batch, size)
        last = size - (size - first) % batch
        mega, lengths = MEGA_BATCH * batch, self._lengths[task]
        chunks = [order[start : min(start + mega, last)] for start in range(first, last, mega)]
        batches = [chunk[np.argsort(lengths[chunk], kind="stable")].reshape(-1, batch) for chunk in chunks]
        middle = np.concatenate([np.empty((0, batch), dtype=np.int64), *batches])
        return np.concatenate([order[:first], middle[_shuffled(stream, len(middle))].ravel(), order[last:]])


def _stream(key: str) -> np.random.PCG64:
    """Random bits of their own for a key.

    Bit generators, unlike numpy's distributions and shuffles, promise the same bits in every version of numpy.
    """
    return np.random.PCG64(int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()))


def _shuffled(stream: np.random.PCG64, size: int) -> Integers:
    """The numbers below ``size`` in random order."""
    return np.argsort(stream.random_raw(size), kind="stable").astype(np.int64, copy=False)
