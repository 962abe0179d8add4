"""Hidden states of chosen transformer blocks while a model runs, and not one block more than is needed.

The output of block n is caught where it enters block n+1, which is by definition ``hidden_states[n]`` of transformers,
also where a model puts something between two blocks (DeBERTa-v2's convolution after the first). The last block's output
is the model's own ``last_hidden_state``, after a final norm where there is one. The forward pass is left at the highest
block that is asked for; nothing is removed from the model, so it is whole again at once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
    from transformers.utils import ModelOutput

OnLayer = Callable[[int, "torch.Tensor"], None]


class _EnoughError(Exception):
    """Raised inside the model when the highest block has been seen."""


def hidden_states(
    model: PreTrainedModel,
    inputs: Mapping[str, torch.Tensor],
    layers: Sequence[int],
    on_layer: OnLayer,
    *,
    first_token: bool = False,
) -> None:
    """Run ``model`` on a batch and show its hidden states.

    Args:
        model: A bare encoder (``AutoModel``).
        layers: Distinct 1-based blocks, at most the model's depth. The pass stops after the highest.
        on_layer: Called once for each layer with (layer, hidden state of shape (rows, tokens, width)).
        first_token: Whether no other token is wanted; the highest block's state may then have this one only.
    """
    from xharness.compute.last_block import first_token_only

    seen: set[int] = set()

    def show(layer: int, hidden: torch.Tensor) -> None:
        on_layer(layer, hidden)
        seen.add(layer)

    blocks = find_blocks(model)
    if blocks is not None:
        with first_token_only(model, max(layers)) if first_token else nullcontext():
            _hidden_states_of_blocks(model, blocks, inputs, layers, show)
    missed = [layer for layer in layers if layer not in seen]
    if missed:  # an architecture whose blocks are not one list of modules, such as ALBERT
        states = _forward(model, inputs, output_hidden_states=True).hidden_states
        for layer in missed:
            on_layer(layer, states[layer])


def _hidden_states_of_blocks(
    model: PreTrainedModel,
    blocks: torch.nn.ModuleList,
    inputs: Mapping[str, torch.Tensor],
    layers: Sequence[int],
    show: OnLayer,
) -> None:
    """Catch hidden states by hooks on the blocks; the hooks are gone afterwards."""
    highest, depth = max(layers), len(blocks)

    def catch(layer: int) -> Callable[..., None]:
        def hook(_block: torch.nn.Module, args: tuple[torch.Tensor, ...], kwargs: dict[str, torch.Tensor]) -> None:
            show(layer, args[0] if args else kwargs["hidden_states"])
            if layer == highest:
                raise _EnoughError

        return hook

    inner = [layer for layer in layers if layer < depth]
    hooks = [blocks[layer].register_forward_pre_hook(catch(layer), with_kwargs=True) for layer in inner]
    try:
        last = _forward(model, inputs).last_hidden_state
        if highest == depth:
            show(depth, last)
    except _EnoughError:
        pass
    finally:
        for hook in hooks:
            hook.remove()


def find_blocks(model: PreTrainedModel) -> torch.nn.ModuleList | None:
    """The one outermost ``ModuleList`` that is as long as the model is deep; None if there is none or more than one."""
    import torch

    found: dict[str, torch.nn.ModuleList] = {}
    for name, module in model.named_modules():
        fits = isinstance(module, torch.nn.ModuleList) and len(module) == model.config.num_hidden_layers
        if fits and not any(name.startswith(f"{outer}.") for outer in found):
            found[name] = module
    return next(iter(found.values())) if len(found) == 1 else None


def _forward(model: PreTrainedModel, inputs: Mapping[str, torch.Tensor], **more: bool) -> ModelOutput:
    """One forward pass; decoders keep no keys and values for a continuation that never comes."""
    if "use_cache" in inspect.signature(model.forward).parameters:
        more["use_cache"] = False
    return model(**inputs, **more)
