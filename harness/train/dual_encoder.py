"""One tower that makes vectors of queries and documents alike, and the checkpoint that others can use.

The checkpoint has the files of sentence-transformers beside the weights, so that evaluation and other tools make the
same vectors of it: a pooler is the first token's vector through a linear layer with tanh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch.utils.checkpoint import checkpoint

from xharness.compute import dropout
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json, write_atomic
from xharness.train.packed import reading

if TYPE_CHECKING:
    from transformers import PreTrainedModel

MODULES = "sentence_transformers.models."


class DualEncoder(torch.nn.Module):
    """An encoder whose texts are vectors of length 1, and the scale of their similarities, which is learned.

    Attributes:
        longest: Longest input in word pieces.

    Raises:
        UserError: the encoder has no pooler, and its output is asked for.
    """

    def __init__(self, encoder: PreTrainedModel, pooling: str, scale: float, longest: int) -> None:
        super().__init__()
        if pooling == "pooler" and getattr(encoder, "pooler", None) is None:
            raise no_pooler(encoder.config.model_type)
        self.encoder, self.pooling, self.longest = encoder, pooling, longest
        self.scale = torch.nn.Parameter(torch.tensor([scale]))

    def vectors(self, inputs: Mapping[str, torch.Tensor], rows: Sequence[int], at_a_time: int) -> torch.Tensor:
        """Vectors of some rows of a padded batch, shape (rows, width), fp32.

        Args:
            at_a_time: Tokens that may be computed at a time; activations of more than that are computed twice.
        """
        length = int(inputs["attention_mask"].sum(1)[rows].max())
        each = max(1, at_a_time // length)
        parts = [torch.tensor(rows[start : start + each]) for start in range(0, len(rows), each)]
        if len(parts) == 1:
            return self._part(inputs, parts[0], length)
        return torch.cat([checkpoint(self._part, inputs, part, length, use_reentrant=False) for part in parts])

    def _part(self, inputs: Mapping[str, torch.Tensor], rows: torch.Tensor, length: int) -> torch.Tensor:
        """Vectors of some rows that are computed at a time."""
        own = {name: value[rows, :length] for name, value in inputs.items()}
        first = (torch.arange(length) == 0).expand(len(rows), length)
        with dropout.only(rows), reading(None if self.pooling == "mean" else first):
            output = self.encoder(**own)
        return torch.nn.functional.normalize(self._pooled(output, own["attention_mask"]).float(), dim=-1)

    def _pooled(self, output: object, mask: torch.Tensor) -> torch.Tensor:
        if self.pooling == "pooler":
            return output.pooler_output  # type: ignore[attr-defined, no-any-return]  # of a class of transformers
        hidden: torch.Tensor = output.last_hidden_state  # type: ignore[attr-defined]
        if self.pooling == "cls":
            return hidden[:, 0]
        return (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def no_pooler(model_type: str) -> UserError:
    """The recipe asks for the output of a pooler that the encoder does not have."""
    why, fix = "the recipe makes vectors of its output", "train with --set pooling=cls or --set pooling=mean"
    return UserError(f"{model_type} has no pooler", why, fix)


def write_modules(head: DualEncoder, folder: Path) -> None:
    """The files that say how vectors are made, beside a saved encoder."""
    kinds = {"": "Transformer", "1_Pooling": "Pooling"}
    if head.pooling == "pooler":
        kinds["2_Dense"] = "Dense"
        _write_dense(head, folder / "2_Dense")
    kinds[f"{len(kinds)}_Normalize"] = "Normalize"
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": MODULES + kind}
        for number, (path, kind) in enumerate(kinds.items())
    ]
    (folder / "1_Pooling").mkdir()
    width, mean = int(head.encoder.config.hidden_size), head.pooling == "mean"
    pooling = {
        "word_embedding_dimension": width,
        "pooling_mode_cls_token": not mean,
        "pooling_mode_mean_tokens": mean,
    }
    write_atomic(folder / "1_Pooling" / "config.json", render_json(pooling))
    write_atomic(folder / "sentence_bert_config.json", render_json({"max_seq_length": head.longest}))
    write_atomic(folder / "modules.json", render_json(modules))


def _write_dense(head: DualEncoder, folder: Path) -> None:
    """The pooler as a layer after pooling."""
    from safetensors.torch import save_file

    folder.mkdir()
    dense = head.encoder.pooler.dense
    config = {
        "in_features": dense.in_features,
        "out_features": dense.out_features,
        "bias": True,
        "activation_function": "torch.nn.modules.activation.Tanh",
    }
    write_atomic(folder / "config.json", render_json(config))
    weights = {"linear.weight": dense.weight, "linear.bias": dense.bias}
    save_file(
        {name: value.detach().cpu().contiguous() for name, value in weights.items()}, folder / "model.safetensors"
    )
