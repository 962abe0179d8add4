"""Two texts as one input, cut to fit: what classifiers read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from xharness.compute.loading import Loaded

Ids: TypeAlias = list[int]


def encode_pairs(
    loaded: Loaded, first: Sequence[str], second: Sequence[str | None], max_length: int
) -> tuple[list[Ids], Sequence[Ids | None]]:
    """Token ids and token types (None where the model takes none) of each input of one text or two.

    Args:
        second: None throughout in tasks of one text.
        max_length: Longest input in word pieces, special tokens included; the longer text is cut first, as in the
            reference.
    """
    if not first:
        return [], []
    encoded = loaded.tokenizer(
        list(first),
        None if second[0] is None else list(second),
        truncation="longest_first",
        max_length=min(max_length, loaded.max_tokens),
        padding=False,
        verbose=False,
    )
    ids = encoded["input_ids"]
    return ids, encoded.get("token_type_ids", [None] * len(ids))
