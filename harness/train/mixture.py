"""Which examples make up optimizer step n: a pure function of sizes, options, seed and n, so that resume is exact.

Two things are drawn, from streams of their own: which task comes next, and in which order a task's examples come. The
second depends on the seed, the task's name and the number of the pass only, so a task added to a mixture changes how
often another one is drawn but never the order of its examples.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.json_types import Json

STRATEGIES = ("proportional", "capped", "temperature", "uniform", "weights")
MEGA_BATCH = 50  # batches that are sorted by length together
PASSES_KEPT = 2  # a step at the border of two passes needs both

Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class MixtureOptions:
    """How tasks are mixed. With one task, every strategy means plain epochs.

    Attributes:
        strategy: ``proportional`` to the sizes; ``capped``, the same with sizes cut at ``cap`` (Raffel et al. 2020);
            ``temperature``, size to the power of 1 / ``temperature``; ``uniform``; ``weights``, as given.
        weights: For ``weights``: a share for every task, of any sum; 0 leaves the task out.
        homogeneous: All examples of a step come from one task; else each example's task is drawn by itself.
        grouped: Batches of similar length, out of :data:`MEGA_BATCH` batches sorted by length. Less padding, but
            examples of a batch are no longer independent. Needs ``homogeneous`` where there are several tasks.

    Raises:
        UserError: an unknown strategy, or a number that no mixture can have.
    """

    strategy: str = "proportional"
    cap: int = 2**17
    temperature: float = 2.0
    weights: Mapping[str, float] = field(default_factory=dict, hash=False)
    homogeneous: bool = True
    grouped: bool = False

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            why = "tasks can be mixed in five ways"
            raise UserError(f"unknown mixture '{self.strategy}'", why, suggestion(self.strategy, STRATEGIES))
        if self.cap < 1:
            raise UserError(f"the cap is {self.cap}", "sizes are cut at it", "give at least 1")
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            why = "sizes are raised to the power of one over it"
            raise UserError(f"the temperature is {self.temperature}", why, "give a number above 0")
        if self.weights and self.strategy != "weights":
            why = f"the mixture is {self.strategy}, which takes none"
            raise UserError("weights that would be ignored", why, "choose the mixture weights, or leave them out")
        for name, weight in self.weights.items():
            if not (math.isfinite(weight) and weight >= 0):
                raise UserError(f"the weight of {name} is {weight}", "a weight is a share", "give a number from 0 on")


def described_options(options: MixtureOptions) -> dict[str, Json]:
    """The options that count, for storing as JSON."""
    used = {"capped": "cap", "temperature": "temperature", "weights": "weights"}
    value = {name: getattr(options, name) for strategy, name in used.items() if strategy == options.strategy}
    return {"strategy": options.strategy, **value, "homogeneous": options.homogeneous}


def with_text(
    options: MixtureOptions, sizes: Mapping[str, int], text: Collection[str], ratio: float, alpha: float
) -> MixtureOptions:
    """The mixture where some members are text: it takes its share of the steps, its languages by their exponent.

    Args:
        text: Members that are text in one language.
        ratio: Share of text where there are other members as well.
        alpha: See :func:`language_probabilities`.
    """
    if not text:
        return options
    rest = {name: size for name, size in sizes.items() if name not in text}
    share = ratio if rest else 1.0
    languages = language_probabilities({name: sizes[name] for name in text}, alpha)
    weights = {name: share * p for name, p in languages.items()}
    if rest:
        weights |= {name: (1 - share) * p for name, p in probabilities(rest, options).items()}
    return replace(options, strategy="weights", weights=weights)


def describe(sizes: Mapping[str, int], options: MixtureOptions) -> dict[str, Json]:
    """The mixture for storing as JSON: the options that count, sizes, and each task's probability."""
    said = described_options(options)
    return {
        **{name: value for name, value in said.items() if name != "weights"},  # probabilities say it
        "grouped": options.grouped,
        "sizes": dict(sorted(sizes.items())),
        "probabilities": probabilities(sizes, options),
    }


def probabilities(sizes: Mapping[str, int], options: MixtureOptions) -> dict[str, float]:
    """Probability of each task, by name in alphabetical order; the sum is 1.

    Args:
        sizes: Number of examples by task.

    Raises:
        UserError: no task, a task without examples, or weights that do not fit the tasks.
    """
    _check_sizes(sizes)
    names = sorted(sizes)
    match options.strategy:
        case "proportional":
            shares = [float(sizes[name]) for name in names]
        case "capped":
            shares = [float(min(sizes[name], options.cap)) for name in names]
        case "temperature":
            shares = _powers([sizes[name] for name in names], 1 / options.temperature)
        case "uniform":
            shares = [1.0 for _ in names]
        case _:
            shares = _weights(names, options.weights)
    total = math.fsum(shares)
    return {name: share / total for name, share in zip(names, shares, strict=True)}


def language_probabilities(sizes: Mapping[str, int], alpha: float) -> dict[str, float]:
    """Probability of each language, its size to the power of ``alpha`` (Conneau and Lample 2019); the sum is 1.

    Args:
        alpha: From 0, all alike, to 1, by size. XLM used 0.5 and 0.7, XLM-R 0.3.

    Raises:
        UserError: no language, one without text, or ``alpha`` outside of 0 to 1.
    """
    _check_sizes(sizes)
    if not 0 <= alpha <= 1:
        why = "sizes are raised to the power of it, to give small languages more"
        raise UserError(f"the exponent of language sampling is {alpha}", why, "give a number from 0 to 1")
    names = sorted(sizes)
    shares = _powers([sizes[name] for name in names], alpha)
    total = math.fsum(shares)
    return {name: share / total for name, share in zip(names, shares, strict=True)}


def _check_sizes(sizes: Mapping[str, int]) -> None:
    """Refuse an empty mixture and empty members."""
    if not sizes:
        raise UserError("nothing to train on", "the mixture has no member", "name at least one task")
    for name, size in sizes.items():
        if size < 1:
            why = "a mixture draws from every member"
            raise UserError(f"{name} has no training examples", why, "check its data, or leave it out")


def _powers(sizes: Sequence[int], exponent: float) -> list[float]:
    """Sizes to a power, relative to the largest, so that no exponent overflows."""
    largest = max(sizes)
    return [math.pow(size / largest, exponent) for size in sizes]


def _weights(names: Sequence[str], weights: Mapping[str, float]) -> list[float]:
    """The weights in the order of the names."""
    for name in weights:
        if name not in names:
            raise UserError(f"a weight for '{name}'", "the mixture has no such task", suggestion(name, names))
    if missing := [name for name in names if name not in weights]:
        why = "with weights, every task of the mixture needs one"
        raise UserError(f"no weight for {', '.join(missing)}", why, "give it one; 0 leaves a task out")
    if not any(weights.values()):
        raise UserError("all weights are 0", "nothing is left to draw from", "give one task a weight above 0")
    return [float(weights[name]) for name in names]


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
