"""What an encoder can take: ids of words, token types and positions, told from its own modules and not from its name.

The encoder is built without weights (on torch's ``meta`` device), which costs about a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xharness.checkpoints.architecture import auto_class, read_config
from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.tasks.common.errors import UserError, first_line

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

SEGMENTS = "seg_embed"  # XLNet and Funnel tell segments apart without a table of them


@dataclass(frozen=True)
class Inputs:
    """Bounds of an encoder's inputs.

    Attributes:
        encoder: Its class in transformers.
        words: Rows of the word embeddings; None where ids are hashed, so that any will do.
        types: Token types that it tells apart; 0 if it takes none, None if any number will do.
        positions: Longest input in tokens, special ones included; None if nothing bounds it.
        counted_from: The padding id from after which positions are counted, as RoBERTa and its kin do; it is a part of
            what the weights mean, whatever the tokenizer pads with. None if positions are counted from 0.
        pooler: Whether it makes a vector of the first token.
    """

    encoder: type
    words: int | None
    types: int | None
    positions: int | None
    counted_from: int | None
    pooler: bool


def inputs_of(checkpoint: Checkpoint) -> Inputs:
    """Read the bounds of a checkpoint's encoder. Imports torch and transformers; loads no weights.

    Raises:
        UserError: transformers cannot build it.
    """
    import torch
    import transformers

    transformers.utils.logging.set_verbosity_error()
    name = auto_class(checkpoint, Head.ENCODER)
    config = read_config(checkpoint)
    try:
        with torch.device("meta"):
            encoder = getattr(transformers, name).from_config(config)
    except Exception as error:  # transformers raises many types here, all of them about the config
        raise UserError(
            f"cannot build {checkpoint.path} as {name}",
            first_line(error),
            "check that config.json is whole and of an architecture that transformers has",
        ) from error
    tables = _tables(encoder)
    bound, counted_from = int(getattr(encoder.config, "max_position_embeddings", 0) or 0), None
    if counted := [m for name, m in tables.items() if "position" in name and m.padding_idx is not None][:1]:
        counted_from = int(counted[0].padding_idx or 0)
        bound = counted[0].weight.shape[0] - counted_from - 1
    return Inputs(
        encoder=type(encoder),
        words=_words(encoder),
        types=_types(encoder, tables),
        positions=bound if bound > 0 else None,
        counted_from=counted_from,
        pooler=getattr(encoder, "pooler", None) is not None,
    )


def _words(encoder: PreTrainedModel) -> int | None:
    """See :attr:`Inputs.words`."""
    try:
        return int(encoder.get_input_embeddings().weight.shape[0])
    except NotImplementedError:  # what transformers raises where there is no table of words
        return None


def _tables(encoder: PreTrainedModel) -> dict[str, torch.nn.Embedding]:
    """Every lookup table by name, the quantised ones of I-BERT included."""
    return {name: module for name, module in encoder.named_modules() if hasattr(module, "padding_idx")}


def _types(encoder: PreTrainedModel, tables: Mapping[str, torch.nn.Embedding]) -> int | None:
    """See :attr:`Inputs.types`."""
    table = next((module for name, module in tables.items() if "token_type" in name), None)
    if table is not None:
        return int(table.weight.shape[0])
    return None if any(SEGMENTS in name for name, _ in encoder.named_parameters()) else 0
