"""The last block of BERT's and RoBERTa's kin, computed for the tokens that are read: heads for pairs read the first.

A token that nothing reads is still looked at, so it needs a key and a value, and nothing else of the block.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from xharness.compute import kernels

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Choose: TypeAlias = Callable[[torch.Tensor], torch.Tensor]
Attend: TypeAlias = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]

# Architectures whose blocks take positions from the embeddings alone and live in ``encoder.encoder.layer``.
FAMILIES = ("bert", "camembert", "electra", "ernie", "roberta", "xlm-roberta", "xlm-roberta-xl")


def is_known(encoder: PreTrainedModel) -> bool:
    """Whether the blocks are those of BERT's kin, each token looks at all, and heads for pairs read the first.

    Not one that is compiled: it runs what it was compiled from.
    """
    config = encoder.config
    if config.model_type not in FAMILIES or getattr(encoder, "_compiled_call_impl", None) is not None:
        return False
    by_first_token = getattr(config, "summary_type", "first") == "first"  # how ELECTRA's head for choices reads
    both_ways = not getattr(config, "is_decoder", False)
    return by_first_token and both_ways and kernels.takes_masks_of_sdpa(encoder)


@contextmanager
def first_token_only(encoder: PreTrainedModel, depth: int | None = None) -> Iterator[None]:
    """Let an encoder that :func:`is_known` give the first token of each input only; any other stays as it is.

    Args:
        depth: The 1-based block that is the last one to run; None means all run.
    """
    if not is_known(encoder):
        yield
        return
    blocks: Any = encoder.encoder
    block = blocks.layer[(depth or len(blocks.layer)) - 1]
    before = vars(block).get("forward")
    block.forward = functools.partial(_first_token, block)
    try:
        yield
    finally:
        del block.forward
        if before is not None:
            block.forward = before


def _first_token(
    block: Any, hidden: torch.Tensor, attention_mask: torch.Tensor | None = None, *_inputs: Any, **_more: Any
) -> torch.Tensor:
    """The block's output of the first tokens, shape (rows, 1, width)."""
    inner = block.attention.self

    def attend(*three: torch.Tensor) -> torch.Tensor:
        width = inner.attention_head_size
        query, key, value = (
            each.view(*each.shape[:2], inner.num_attention_heads, width).transpose(1, 2) for each in three
        )
        mask = None if attention_mask is None else attention_mask[:, :, :1]
        return kernels.products(query, key, value, mask, None, width**-0.5).transpose(1, 2).flatten(2)

    return some_tokens(block, hidden, lambda tokens: tokens[:, :1], attend)


def some_tokens(block: Any, hidden: torch.Tensor, choose: Choose, attend: Attend) -> torch.Tensor:
    """A block's output of some tokens, shape (rows, chosen, width).

    Args:
        hidden: Its input, shape (rows, tokens, width).
        choose: The chosen tokens of a tensor of that shape.
        attend: From queries of the chosen tokens, keys and values of all, each of shape (rows, tokens, width), to what
            the chosen ones see, shape (rows, chosen, width).
    """
    attention, inner = block.attention, block.attention.self
    norm = getattr(attention, "self_attn_layer_norm", None)  # of families that norm before attention
    normed = norm(hidden) if norm else hidden
    seen = attend(inner.query(choose(normed)), inner.key(normed), inner.value(normed))
    output: torch.Tensor = block.feed_forward_chunk(attention.output(seen, choose(hidden)))
    return output
