"""A random twin of a subset: as many examples with the same labels and lengths, so that neither explains an effect."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xharness.tasks import subsets
from xharness.tasks.common.errors import UserError
from xharness.tasks.selection.pool import Pool, PoolOptions, read_pool, words
from xharness.tasks.selection.regions import check_unique

BIN = 8  # words
Cell = tuple[str, int]  # label and number of the bin


@dataclass(frozen=True, kw_only=True)
class TwinOptions:
    """Whose twin, and how alike.

    Attributes:
        of: File with the ids of the given subset.
        pool: Where the twin is drawn from.
        bin: Width of the bins of the length histogram in words: with 8 they are 0 to 7, 8 to 15, ...
        overlapping: The twin may share examples with the given subset; by default it is disjoint from it.
    """

    of: Path
    pool: PoolOptions
    seed: int = subsets.DATA_SEED
    bin: int = BIN
    overlapping: bool = False

    def check(self) -> None:
        """Refuse a width that is none.

        Raises:
            UserError: naming it.
        """
        if self.bin < 1:
            raise UserError(f"--bin is {self.bin}", "it is a number of words", "give 1 or more")


@dataclass(frozen=True)
class Twin:
    """A twin, and what of a difference remains.

    Attributes:
        ids: In the order of the training data.
        labels: Examples by label; of the given subset and of the twin they are the same.
        given, twin: Examples by number of their bin of length.
        means: Mean length in words, of the given subset and of the twin.
        moved: Examples of the twin that stand for one of another bin, because its own had no more.
        shared: Examples that are in both.
    """

    ids: tuple[str, ...]
    labels: Mapping[str, int]
    given: Mapping[int, int]
    twin: Mapping[int, int]
    means: tuple[float, float]
    moved: int
    shared: int


def twin(options: TwinOptions) -> Twin:
    """Draw a twin. Length is that of the text that the task type names, in words.

    Within a label and a bin the draw is random by seed and ids. Where a bin has too few other examples, the nearest one
    of the same label gives the rest, of two equally near ones the shorter; label counts are always the same.

    Raises:
        UserError: too few other examples of a label, or anything that is wrong with task, data or list.
    """
    options.check()
    pool = read_pool(options.pool)
    check_unique([example.id for example in pool.examples])
    lengths = words([pool.task.type.text(example) for example in pool.examples])
    cells = [(pool.stratum(e), length // options.bin) for e, length in zip(pool.examples, lengths, strict=True)]
    inside = {example.id for example in subsets.select(pool.examples, options.of)}
    given = [place for place, example in enumerate(pool.examples) if example.id in inside]
    candidates = _candidates(pool, cells, options.seed, set() if options.overlapping else set(given))
    wanted = Counter(cells[place] for place in given)
    _check_labels(wanted, candidates)
    drawn = sorted(_drawn(wanted, candidates))
    kept = Counter(cells[place] for place in drawn)
    return Twin(
        ids=tuple(pool.examples[place].id for place in drawn),
        labels=dict(sorted(Counter(cells[place][0] for place in drawn).items())),
        given=_by_bin(wanted),
        twin=_by_bin(kept),
        means=(_mean(lengths, given), _mean(lengths, drawn)),
        moved=sum((kept - wanted).values()),
        shared=len(set(drawn) & set(given)),
    )


def _candidates(pool: Pool, cells: Sequence[Cell], seed: int, left_out: set[int]) -> dict[Cell, list[int]]:
    """Places of the examples that may be drawn, by cell, in random order."""
    keys = subsets.drawing_keys(pool.examples, seed)
    found: defaultdict[Cell, list[int]] = defaultdict(list)
    for place in sorted(set(range(len(cells))) - left_out, key=lambda place: keys[place]):
        found[cells[place]].append(place)
    return dict(found)


def _check_labels(wanted: Mapping[Cell, int], candidates: Mapping[Cell, Sequence[Any]]) -> None:
    """Refuse a subset that takes more than half of a label.

    Raises:
        UserError: naming the label.
    """
    for label in sorted({label for label, _ in wanted}):
        needed = sum(count for (name, _), count in wanted.items() if name == label)
        there = sum(len(places) for (name, _), places in candidates.items() if name == label)
        if there < needed:
            raise UserError(
                "there is no twin" + (f" with the same number of '{label}'" if label else ""),
                f"the subset has {needed}, and there are {there} others",
                "give a smaller subset, or let the twin share examples with it: --overlapping",
            )


def _drawn(wanted: Mapping[Cell, int], candidates: Mapping[Cell, Sequence[int]]) -> list[int]:
    """The first candidates of each cell, then of the nearest ones for what is missing."""
    left = {cell: list(places) for cell, places in candidates.items()}
    drawn: list[int] = []
    missing: list[Cell] = []
    for cell, count in sorted(wanted.items()):
        own = left.get(cell, [])
        drawn += own[:count]
        missing += [cell] * (count - len(own[:count]))
        left[cell] = own[count:]
    for label, bin in missing:
        near = min((abs(other - bin), other) for name, other in left if name == label and left[name, other])[1]
        drawn.append(left[label, near].pop(0))
    return drawn


def _by_bin(cells: Mapping[Cell, int]) -> dict[int, int]:
    found: Counter[int] = Counter()
    for (_, bin), count in cells.items():
        found[bin] += count
    return dict(sorted(found.items()))


def _mean(lengths: Sequence[int], places: Sequence[int]) -> float:
    return sum(lengths[place] for place in places) / len(places)
