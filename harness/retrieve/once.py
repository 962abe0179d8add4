"""Texts of many groups (languages, splits, sides) embedded in one call, then handed back by group."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TypeAlias, TypeVar

from xharness.retrieve.search import Vectors

Key = TypeVar("Key", bound=Hashable)
Layers: TypeAlias = Mapping[int, Vectors]
Encode: TypeAlias = Callable[[Sequence[str]], Layers]


def embed_once(groups: Mapping[Key, Sequence[str]], encode: Encode) -> dict[Key, dict[int, Vectors]]:
    """One call of ``encode`` with the texts of all groups.

    Args:
        groups: Texts by group.
        encode: Texts -> vectors of shape (texts, width) by layer.

    Returns:
        Views of the rows of each group by layer.
    """
    layers = encode([text for texts in groups.values() for text in texts])
    bounds = pairwise(accumulate((len(texts) for texts in groups.values()), initial=0))
    return {
        key: {layer: vectors[start:end] for layer, vectors in layers.items()}
        for key, (start, end) in zip(groups, bounds, strict=True)
    }
