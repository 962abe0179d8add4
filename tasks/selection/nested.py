"""Nested subsets of growing size, the very ones that ``finetune --examples`` draws by the same data seed.

One order is drawn for each data seed, and every subset is a prefix of it, in which each label has its share: the k-th
of m examples of a label stands at (k - 1/2) / m (the order of Webster and Sainte-Laguë, which unlike D'Hondt's favours
no frequent label). The seed of the training has no part in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from typing import Any

from xharness.tasks import subsets
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json
from xharness.tasks.common.json_files import JsonError, as_object, read_json
from xharness.tasks.common.outputs import check_folder, write_output
from xharness.tasks.selection.ids import write_ids
from xharness.tasks.selection.pool import Pool, PoolOptions, read_pool, words
from xharness.tasks.selection.regions import check_unique

RECORD = "nested.json"
Measure = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, kw_only=True)
class NestedOptions:
    """Which subsets.

    Attributes:
        pool: Where they are drawn from; with translations, languages come as they are mixed in the whole of it.
        sizes: Numbers of examples, one subset each.
        tokens: Bounds on the sum of tokens, one subset each: the largest that does not exceed it.
        out: Folder for a list of ids each, and ``nested.json``.
    """

    pool: PoolOptions
    out: Path
    sizes: Sequence[int] = ()
    tokens: Sequence[int] = ()
    data_seed: int = subsets.DATA_SEED

    def check(self) -> None:
        """Refuse numbers that are none.

        Raises:
            UserError: naming them.
        """
        check_folder(self.out)
        if not self.sizes and not self.tokens:
            raise UserError(
                "no size of a subset", "neither --sizes nor --tokens is given", "for example --sizes 100,316"
            )
        for option, numbers in (("--sizes", self.sizes), ("--tokens", self.tokens)):
            if wrong := [each for each in numbers if each < 1]:
                raise UserError(f"{option} has {wrong[0]}", "a subset has at least one", "give 1 or more")


@dataclass(frozen=True)
class NestedSubset:
    """One of them.

    Attributes:
        examples: What ``finetune --examples`` is given for it.
        tokens: Of all its texts together.
        labels, languages: Examples of each.
        file: Name of its list of ids; empty with translations, which ``finetune --select`` does not choose from.
    """

    examples: int
    tokens: int
    labels: Mapping[str, int]
    languages: Mapping[str, int]
    file: str


def nested(options: NestedOptions, measure: Measure = words, unit: str = "words") -> list[NestedSubset]:
    """Draw the subsets, write them down, and say what is in each.

    Args:
        measure: Tokens of each text: its words by default, or those of a model's tokenizer
            (:func:`xharness.compute.token_counts.token_counter`).
        unit: What it counts, for the record.

    Raises:
        UserError: more examples or tokens than there are, or anything that is wrong with task or data.
    """
    options.check()
    earlier = _earlier(options, unit)
    pool = read_pool(options.pool)
    order = subsets.drawing_order(pool.examples, options.data_seed, pool.stratum)
    lengths = measure([pool.task.type.text(pool.examples[place]) for place in order])
    sums = [0, *accumulate(lengths)]
    sizes = {f"{size}": _checked(size, len(order)) for size in sorted(set(options.sizes))}
    sizes |= {f"{bound}-{unit}": _within(bound, sums, unit) for bound in sorted(set(options.tokens))}
    listed = not options.pool.translations
    found = [
        _subset(pool, order[:size], sums[size], f"{options.pool.task}-{name}.txt" if listed else "")
        for name, size in sizes.items()
    ]
    _write(options, pool, order, found, unit, earlier)
    return found


def _checked(size: int, most: int) -> int:
    """A number of examples that there are.

    Raises:
        UserError: there are fewer.
    """
    if size > most:
        raise UserError(f"cannot take {size} examples", f"there are {most}", f"choose a number from 1 to {most}")
    return size


def _within(bound: int, sums: Sequence[int], unit: str) -> int:
    """The most examples whose tokens do not exceed a bound.

    Raises:
        UserError: none does, or all do, so that the bound says nothing.
    """
    count = sum(total <= bound for total in sums) - 1
    if not count:
        raise UserError(
            f"no example has {bound} {unit} or fewer", f"the first has {sums[1]}", f"give {sums[1]} or more"
        )
    if count == len(sums) - 1 and sums[-1] < bound:
        raise UserError(f"there are no {bound} {unit}", f"there are {sums[-1]}", f"give {sums[-1]} at most")
    return count


def _subset(pool: Pool, places: Sequence[int], tokens: int, file: str) -> NestedSubset:
    chosen = [pool.examples[place] for place in places]
    labels = Counter(map(pool.stratum, chosen))
    languages = Counter(example.facts.get("language", "en") for example in chosen)
    return NestedSubset(len(chosen), tokens, dict(sorted(labels.items())), dict(sorted(languages.items())), file)


def _write(
    options: NestedOptions,
    pool: Pool,
    order: Sequence[int],
    found: Sequence[NestedSubset],
    unit: str,
    earlier: Sequence[Mapping[str, Any]],
) -> None:
    """The lists of ids, in the order of the training data, and what they and earlier ones of the same draw are."""
    ids = [example.id for example in pool.examples]
    for subset in (each for each in found if each.file):
        check_unique(ids)
        write_ids(options.out / subset.file, [ids[place] for place in sorted(order[: subset.examples])])
    now = [asdict(each) for each in found]
    sizes = {each["examples"] for each in now}
    subsets = sorted([*(each for each in earlier if each["examples"] not in sizes), *now], key=itemgetter("examples"))
    write_output(options.out / RECORD, render_json({**_settings(options, unit), "subsets": subsets}))


def _settings(options: NestedOptions, unit: str) -> dict[str, Any]:
    """What the subsets of one folder have in common, so that they are nested."""
    pool = options.pool
    drawn = {"task": pool.task, "data_seed": options.data_seed, "unit": unit}
    return {**drawn, "where": pool.where, "translations": sorted(pool.translations)}


def _earlier(options: NestedOptions, unit: str) -> Sequence[Any]:
    """What the folder's record says of subsets of the same draw.

    Raises:
        UserError: they are of another draw: together with these they would not be nested.
    """
    path = options.out / RECORD
    if not path.exists():
        return []
    with suppress(JsonError):
        record: Any = as_object(read_json(path))
        subsets: list[Any] = record.pop("subsets", None)
        whole = isinstance(subsets, list) and all(type(as_object(each).get("examples")) is int for each in subsets)
        if whole and record == _settings(options, unit):
            return subsets
    why = f"its {RECORD} tells of another draw, and lists of two draws are not nested"
    raise UserError(f"{options.out} has nested subsets already", why, "choose another --out, or delete it")
