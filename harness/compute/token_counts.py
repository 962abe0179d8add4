"""How many tokens texts have for a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from xharness.checkpoints.checkpoint import find
from xharness.checkpoints.offline import offline
from xharness.compute.loading import load_tokenizer


@offline()
def token_counter(model: Path) -> Callable[[Sequence[str]], list[int]]:
    """What counts the tokens of each text by a checkpoint's tokenizer, special tokens and truncation left out.

    Raises:
        UserError: no checkpoint there, or a tokenizer that cannot be read.
    """
    tokenizer = load_tokenizer(next(iter(find(model).values())))

    def count(texts: Sequence[str]) -> list[int]:
        encoded = tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return list(map(len, encoded["input_ids"]))

    return count
