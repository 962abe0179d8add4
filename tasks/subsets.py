"""Parts of a training set: the first so many, those with a fact, those of a list. No global state, no clock."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from xharness.tasks.common.errors import BadFiles, Problem, UserError, suggestion
from xharness.tasks.readers.lines import read_lines


class NamedExample(Protocol):
    """What every example has that can be chosen."""

    @property
    def id(self) -> str:
        """Name of the example in its file."""

    @property
    def facts(self) -> Mapping[str, str]:
        """Where it comes from."""


Item = TypeVar("Item", bound=NamedExample)

DATA_SEED = 42
"""Which subset is drawn where nobody says otherwise."""


def take(examples: Sequence[Item], n: int, seed: int, stratum: Callable[[Item], str]) -> list[Item]:
    """``n`` examples, drawn from each stratum in proportion, in the order of ``examples``.

    Args:
        stratum: What stays in proportion, such as the label: :meth:`xharness.tasks.types.base.TaskType.stratum`.

    A smaller subset of the same seed is a part of every larger one. The draw depends on seed and ids alone, so it is
    the same on every machine and whatever the order of the file (but for examples that share an id).

    Raises:
        UserError: ``n`` is not between 1 and the number of examples.
    """
    if not 1 <= n <= len(examples):
        why = f"there are {len(examples)} examples, and at least one is needed"
        raise UserError(f"cannot take {n} examples", why, f"choose a number from 1 to {len(examples)}")
    return [examples[index] for index in sorted(drawing_order(examples, seed, stratum)[:n])]


def drawing_order(examples: Sequence[Item], seed: int, stratum: Callable[[Item], str]) -> list[int]:
    """The places of all examples in the order in which :func:`take` takes them."""
    strata: defaultdict[str, list[tuple[bytes, int]]] = defaultdict(list)
    for index, key in enumerate(drawing_keys(examples, seed)):
        strata[stratum(examples[index])].append((key, index))
    # The k-th of m drawn from a stratum stands at (k - 1/2) / m, so that every prefix has each stratum's share.
    places = [
        ((2 * rank + 1) / (2 * len(members)), key, index)
        for members in strata.values()
        for rank, (key, index) in enumerate(sorted(members))
    ]
    return [index for _, _, index in sorted(places)]


def drawing_keys(examples: Sequence[Item], seed: int) -> list[bytes]:
    """A random key of each example, which depends on seed and ids alone; who sorts by it draws at random."""
    seen: Counter[str] = Counter()
    keys = []
    for example in examples:
        seen[example.id] += 1
        key = f"{seed}\0{seen[example.id]}\0{example.id}".encode("utf-8", "surrogatepass")
        keys.append(hashlib.sha256(key).digest())
    return keys


def where(examples: Sequence[Item], condition: str) -> list[Item]:
    """The examples with a fact, ``round=R2``.

    Raises:
        UserError: not of this form, or no example has this fact; names those that there are.
    """
    key, equals, value = (part.strip() for part in condition.partition("="))
    if not (key and equals and value):
        fix = "write it as name=value, for example round=R2"
        raise UserError(f"cannot select by '{condition}'", "it is not name=value", fix)
    keys = {name for example in examples for name in example.facts}
    if key not in keys:
        why = "no example at hand has such a fact"
        fix = suggestion(key, keys) if keys else "leave the condition out: these examples carry no facts"
        raise UserError(f"cannot select by '{key}'", why, fix)
    chosen = [example for example in examples if example.facts.get(key) == value]
    if not chosen:
        values = {example.facts[key] for example in examples if key in example.facts}
        raise UserError(f"no example with {key}={value}", f"'{key}' has other values", suggestion(value, values))
    return chosen


def select(examples: Sequence[Item], path: Path) -> list[Item]:
    """The examples whose ids a file lists, one a line, in the order of ``examples``; empty lines do not count.

    Raises:
        BadFiles: ids that no example has, or that are listed twice; all of them.
        UserError: the file lists none.
    """
    lines, problems = read_lines(path)
    known = {example.id for example in examples}
    wanted: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        name = line.strip()
        if not name:
            continue
        if name not in known:
            problems.append(Problem(path, number, f"no example has the id '{name}'"))
        elif wanted.setdefault(name, number) != number:
            problems.append(Problem(path, number, f"id '{name}' is there twice, first on line {wanted[name]}"))
    if problems:
        some = ", ".join(example.id for example in examples[:3])
        raise BadFiles(
            f"{path} does not fit the data", sorted(problems), f"list ids of the data, one a line, such as {some}"
        )
    if not wanted:
        raise UserError(f"{path} lists no id", "every line of it is empty", "list ids of the data, one a line")
    return [example for example in examples if example.id in wanted]
