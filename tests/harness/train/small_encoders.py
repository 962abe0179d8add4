"""Small encoders of the families that can be packed, a batch of uneven texts, and what is learned of it."""

from __future__ import annotations

from typing import Any

import torch

from xharness.compute import kernels
from xharness.train import packed as packing
from xharness.train.packed import packed, reading

LENGTHS = (3, 40, 17, 38, 1, 5, 40, 2)
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48, "vocab_size": 90}

READ = {  # what losses read: first tokens, some (none of most of a group's texts, and none of the last text), padding
    "first": torch.arange(40)[None] == torch.zeros(8, 1),
    "some": torch.arange(40)[None] % 7 == torch.tensor([4, 1, 0, 5, 6, 6, 2, 9])[:, None],
    "one text's": torch.arange(40)[None] == torch.tensor([99, 99, 16, 99, 99, 99, 99, 99])[:, None],
    "all": torch.ones(8, 40, dtype=torch.bool),
}


def encoder_of(family: str, **more: Any) -> Any:
    import transformers

    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(family, **SIZES, max_position_embeddings=64, pad_token_id=1, **more)
    return transformers.AutoModel.from_config(config).train()


def batch(lengths: tuple[int, ...] = LENGTHS) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return {
        "input_ids": torch.where(mask, torch.randint(5, 90, mask.shape), torch.tensor(1)),
        "attention_mask": mask.long(),
    }


def learned(
    encoder: Any, inputs: dict[str, torch.Tensor], wanted: bool, read: torch.Tensor | None = None
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Vectors of tokens, and gradients of all weights, of a loss that looks at tokens only, or at ``read`` only."""
    encoder.zero_grad()
    looked_at = inputs["attention_mask"] if read is None else read * inputs["attention_mask"]
    rows = packed(encoder, packing.packing_for(encoder, "fp32") if wanted else None)
    with kernels.faster_training(encoder), rows, reading(read):
        assert ("forward" in vars(encoder.encoder)) is wanted
        vectors = encoder(**inputs).last_hidden_state * looked_at[:, :, None]
        (vectors**2 * torch.linspace(-1, 1, 32)).sum().backward()
    return vectors.detach(), [p.grad.clone() for p in encoder.parameters() if p.grad is not None]
