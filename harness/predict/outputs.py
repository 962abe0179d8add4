"""What is read of a model's output, as tensors by name and back."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

OUTPUTS = ("logits", "start_logits", "end_logits")  # what is read of a head's output
WHOLE = "output"  # the name of an output that is one tensor


def tensors_by_name(output: Any) -> dict[str, torch.Tensor]:
    """The tensors of an output that anything reads."""
    import torch

    if isinstance(output, torch.Tensor):
        return {WHOLE: output}
    found = {name: getattr(output, name, None) for name in OUTPUTS}
    return {name: each for name, each in found.items() if each is not None}


def from_names(tensors: Mapping[str, torch.Tensor]) -> Any:
    """The inverse, but for what is not read: a tensor, or an object with attributes."""
    return tensors[WHOLE] if WHOLE in tensors else SimpleNamespace(**tensors)
