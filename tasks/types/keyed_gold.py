"""Gold that says what each of its entries belongs to: an item of other languages, a passage of several questions.

Labels files keep it beside the label: a second column (``neutral TAB 25051``), or ``"cluster"`` in JSON lines.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

EntryT = TypeVar("EntryT")


class KeyedGold(list[EntryT]):
    """One entry an example, in their order.

    Attributes:
        names: The published id of each entry, by which translations find each other; empty where lines do that.
        passages: What each entry is about, equal for entries that are not independent; empty where all are.
    """

    def __init__(self, entries: Iterable[EntryT], names: Sequence[str] = (), passages: Sequence[str] = ()) -> None:
        super().__init__(entries)
        self.names, self.passages = tuple(names), tuple(passages)


def item_ids(gold: Sequence[object]) -> tuple[str, ...]:
    """The id of each item: its published one, else its 0-based place."""
    names = gold.names if isinstance(gold, KeyedGold) else ()
    return names or tuple(map(str, range(len(gold))))


def item_clusters(gold: Sequence[object]) -> tuple[str, ...]:
    """The cluster of each item: its passage, else itself."""
    passages = gold.passages if isinstance(gold, KeyedGold) else ()
    return passages or item_ids(gold)


def entries_at(gold: list[EntryT], places: Sequence[int]) -> list[EntryT]:
    """The entries at some places, with what they belong to."""
    entries = [gold[place] for place in places]
    if not isinstance(gold, KeyedGold):
        return entries
    names, passages = ([kept[place] for place in places] if kept else [] for kept in (gold.names, gold.passages))
    return KeyedGold(entries, names, passages)


def by_first_place(values: Iterable[Hashable]) -> list[str]:
    """Each value as the 0-based place where it is first."""
    first: dict[Hashable, int] = {}
    return [str(first.setdefault(value, place)) for place, value in enumerate(values)]
