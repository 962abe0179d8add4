"""Items for the browser: answers of a single run, or those that changed from the first run to another.

A page must fit into a mail: of each cell at most so many items, and of all of them as many as fit, taken in turns so
that every cell has its share. What is left out is counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar

from xharness.report.gather import NamedRun
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.registry import Registry

if TYPE_CHECKING:
    from xharness.diff.items import ItemAnswer, ItemChange

Chosen = TypeVar("Chosen")
LONGEST = 600  # characters of one text
BUDGET = 2_000_000  # bytes of all items together
SHARE_OF_RIGHT = 4  # of one run's items one in four is a right one, where there are any


@dataclass(frozen=True)
class FoundItems:
    """The items of one cell: what is there in all, and those to show, best first."""

    run: str
    task: str
    language: str
    total: int
    items: Sequence[JsonObject]


class CellCount(TypedDict):
    """How many items of a cell there are, and how many are shown."""

    run: str
    task: str
    language: str
    total: int
    shown: int


@dataclass(frozen=True)
class Browser:
    """What the item browser shows, as plain values; ``problems`` says for which cells it has nothing, and why."""

    cells: Sequence[CellCount]
    items: Sequence[JsonObject]
    problems: Sequence[str]
    changed: bool

    @property
    def total(self) -> int:
        """Items that there are, shown or not."""
        return sum(cell["total"] for cell in self.cells)


def browser(runs: Sequence[NamedRun], data: Path | None, each: int, registry: Registry) -> Browser:
    """Items of all cells of the runs.

    Args:
        runs: One run, or the base and those that are compared with it.
        data: Where the data are, if not where the runs found them.
        each: Most items of one cell; 0 for no items at all.
        registry: The tasks that are known.
    """
    found, failed = [], dict[str, int]()
    for run, task, language in _cells(runs) if each else ():
        try:
            found.append(_found(runs, run, task, language, data, each, registry))
        except UserError as error:
            text = f"{error.what}: {error.why}; {error.fix}"
            failed[text] = failed.get(text, 0) + 1
    cells, items = _fit_into_page(found)
    problems = [f"{text} ({count} cell{'s' * (count > 1)})" for text, count in failed.items()]
    return Browser(cells, items, problems, len(runs) > 1)


def _cells(runs: Sequence[NamedRun]) -> Iterator[tuple[NamedRun, str, str]]:
    """The cells to look into: those of the run; or of each later run, where the first one has them too."""
    base = runs[0].scores.cells
    for run in runs[1:] or runs:
        for task, languages in run.scores.cells.items():
            yield from ((run, task, language) for language in languages if language in base.get(task, {}))


def _found(
    runs: Sequence[NamedRun], run: NamedRun, task: str, language: str, data: Path | None, each: int, registry: Registry
) -> FoundItems:
    from xharness.diff.items import answers, changes

    if len(runs) == 1:
        given = answers(run.path, task, language, data, registry=registry)
        wrong, right = [a for a in given if not a.right], [a for a in given if a.right]
        some = min(len(right), max(each // SHARE_OF_RIGHT, each - len(wrong)))
        chosen = [*_spread(wrong, each - some), *_spread(right, some)]
        return FoundItems(run.name, task, language, len(given), [_answer(a) for a in chosen])
    changed = changes(runs[0].path, run.path, task, language, data, registry=registry)
    return FoundItems(run.name, task, language, len(changed), [_change(change) for change in changed[:each]])


def _spread(given: Sequence[Chosen], count: int) -> list[Chosen]:
    """As many of them, evenly from first to last."""
    count = min(count, len(given))
    return [given[index * len(given) // count] for index in range(count)]


def _answer(answer: ItemAnswer) -> JsonObject:
    status = "right" if answer.right else "wrong"
    return _item(answer, status, [answer.answer], {"score": round(answer.score, 2)})


def _change(change: ItemChange) -> JsonObject:
    return _item(change, change.status, [change.base, change.new], {"effect": round(change.effect, 4)})


def _item(item: ItemAnswer | ItemChange, status: str, given: Sequence[str], number: Mapping[str, float]) -> JsonObject:
    inputs = {name: _short(text) for name, text in item.inputs.items()}
    facts = {"facts": dict(item.facts)} if item.facts else {}
    texts = {"gold": _short(item.gold), "answers": [_short(text) for text in given]}
    return {"id": item.id, "status": status, "inputs": inputs, **texts, **number, **facts}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 2] + " …"


def _fit_into_page(found: Sequence[FoundItems]) -> tuple[list[CellCount], list[JsonObject]]:
    """Cells with what they show, and the items that fit: the first of every cell, then the second of every cell, ..."""
    shown = [0] * len(found)
    room = BUDGET
    for rank in range(max((len(cell.items) for cell in found), default=0)):
        for index, cell in enumerate(found):
            if rank < len(cell.items) and shown[index] == rank:
                size = len(json.dumps(cell.items[rank], ensure_ascii=False).encode()) + len('{"cell":100},')
                if size <= room:
                    room -= size
                    shown[index] += 1
    cells: list[CellCount] = [
        {"run": cell.run, "task": cell.task, "language": cell.language, "total": cell.total, "shown": count}
        for cell, count in zip(found, shown, strict=True)
    ]
    items: list[JsonObject] = [
        {"cell": index, **item}
        for index, (cell, count) in enumerate(zip(found, shown, strict=True))
        for item in cell.items[:count]
    ]
    return cells, items
