"""Which transformer block a sentence vector is taken from, and how its tokens are pooled. No torch.

Blocks are numbered from 1: block n is the output of the n-th transformer block (``hidden_states[n]`` of transformers),
so the last block of a model of depth n is block n; the embedding layer has no number.

Reference presets. The scripts of google-research/xtreme take Tatoeba vectors from block 8 of 12 (multilingual BERT),
14 of 24 (XLM-R Large) and 12 of 16 (XLM-100). For BUCC they leave the number of layers at its default of 12, so that
XLM-R Large is read at block 20 of 24 by accident; the blocks of Tatoeba are what was meant, and what ``reference``
gives for both. Depths that the scripts do not know get the block at the same height as 14 of 24, and
:func:`layer_signature` says that it was scaled.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from xharness.tasks.common.errors import UserError, suggestion

Pooling: TypeAlias = Literal["mean", "mean-no-special", "cls", "max", "weighted-mean", "last-token"]

POOLINGS: tuple[Pooling, ...] = ("mean", "mean-no-special", "cls", "max", "weighted-mean", "last-token")
AUTO = "auto"  # what the authors of an embedding model mean; in other models what XTREME's scripts do
AS_TRAINED = "as-trained"  # what a dual encoder was trained with, where it ranks; everywhere else the mean
LAYER_WORDS = ("last", "reference", "sweep")
REFERENCE_BLOCKS = {12: 8, 16: 12, 24: 14}


def check_spelling(spec: str) -> None:
    """Refuse what cannot be a layer, whatever the depth: anything but a known word or a whole number other than 0."""
    if spec in LAYER_WORDS:
        return
    digits = spec.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise UserError(
            f"unknown layer '{spec}'",
            "a layer is a block number (1 is the first, -1 the last) or a word",
            suggestion(spec, LAYER_WORDS),
        )
    if int(spec) == 0:
        raise UserError(
            "there is no layer 0",
            "blocks are numbered from 1; the embedding layer is not offered",
            "use 1 for the first block, -1 or last for the last",
        )


def resolve_layer(spec: str, depth: int) -> list[int]:
    """The 1-based blocks that ``spec`` asks for in a model of ``depth`` blocks, in ascending order.

    Args:
        spec: ``last``, ``reference``, ``sweep`` (all blocks), or a number; negative numbers count from the end.
        depth: Number of transformer blocks.

    Raises:
        UserError: unknown word, or a number that this model does not have.
    """
    check_spelling(spec)
    words = {"last": [depth], "reference": [reference_block(depth)], "sweep": list(range(1, depth + 1))}
    if spec in words:
        return words[spec]
    number = int(spec)
    if abs(number) > depth:
        raise UserError(
            f"no layer {number} in this model",
            f"it has {depth} transformer block{'s' if depth > 1 else ''}",
            f"use 1 to {depth}, or -{depth} to -1 from the end, or one of {', '.join(LAYER_WORDS)}",
        )
    return [number if number > 0 else depth + 1 + number]


def reference_block(depth: int) -> int:
    """The block that the reference means at this depth, or the one at the same height as 14 of 24."""
    return REFERENCE_BLOCKS.get(depth) or max(1, round(depth * 14 / 24))


def main_block(spec: str, depth: int) -> int:
    """The block whose answers are the result; for a sweep the reference's, as the best would be picked on test."""
    return resolve_layer("reference" if spec == "sweep" else spec, depth)[0]


def layer_signature(spec: str, depth: int) -> str:
    """What to write beside a number: the main block as ``14/24``, ``14/24=reference`` or ``4/6=reference-scaled``."""
    by_preset = spec in ("reference", "sweep")
    preset = "" if not by_preset else "=reference" if depth in REFERENCE_BLOCKS else "=reference-scaled"
    return f"{main_block(spec, depth)}/{depth}{preset}"


def resolve_pooling(name: str) -> Pooling:
    """A known pooling. Raises UserError otherwise."""
    if name not in POOLINGS:
        raise UserError(f"unknown pooling '{name}'", "no such way to pool tokens", suggestion(name, POOLINGS))
    return name


def check_prompt(prompt: str) -> None:
    """Refuse a prompt that is not a text: a command line may hold any bytes."""
    try:
        prompt.encode()
    except UnicodeEncodeError:
        what, fix = f"cannot read --prompt {prompt!a}", "give it in UTF-8, or by its name"
        raise UserError(what, "it is not UTF-8", fix) from None
