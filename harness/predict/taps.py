"""Hidden states of chosen transformer blocks while a model runs, and not one block more than is needed.

The output of block n is caught where it enters block n+1, which is by definition ``hidden_states[n]`` of transformers,
also where a model puts something between two blocks (DeBERTa-v2's convolution after the first). The last block's output
is the model's own ``last_hidden_state``, after a final norm where there is one. The forward pass is left at the highest
block that is asked for; nothing is removed from the model, so it is whole again at once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

See = Callable[[int, "torch.Tensor"], None]


class _Enough(Exception):
    """Raised inside the model when the highest block has been seen."""


def visit(model: Any, inputs: Mapping[str, torch.Tensor], layers: Sequence[int], see: See) -> None:
    """Run ``model`` on a batch and show ``see`` each of ``layers`` once, as (layer, hidden of shape (rows, tokens, width)).

    Args:
        model: A bare encoder (``AutoModel``).
        layers: 1-based blocks, at most the model's depth. The pass stops after the highest.
    """
    depth, blocks, seen = int(model.config.num_hidden_layers), find_blocks(model), set()

    def catch(layer: int) -> Callable[..., None]:
        def hook(_block: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            see(layer, args[0] if args else kwargs["hidden_states"])
            seen.add(layer)
            if layer == max(layers):
                raise _Enough

        return hook

    inner = [layer for layer in layers if layer < depth] if blocks is not None else []
    handles = [blocks[layer].register_forward_pre_hook(catch(layer), with_kwargs=True) for layer in inner]
    try:
        if blocks is not None:
            last = _forward(model, inputs).last_hidden_state
            if depth in layers:
                see(depth, last)
                seen.add(depth)
    except _Enough:
        pass
    finally:
        for handle in handles:
            handle.remove()
    missed = [layer for layer in layers if layer not in seen]
    if missed:  # an architecture whose blocks are not one list of modules, such as ALBERT
        states = _forward(model, inputs, output_hidden_states=True).hidden_states
        for layer in missed:
            see(layer, states[layer])


def find_blocks(model: Any) -> Any | None:
    """The one outermost ``ModuleList`` that is as long as the model is deep; None if there is none or more than one."""
    import torch

    found: dict[str, Any] = {}
    for name, module in model.named_modules():
        fits = isinstance(module, torch.nn.ModuleList) and len(module) == model.config.num_hidden_layers
        if fits and not any(name.startswith(f"{outer}.") for outer in found):
            found[name] = module
    return next(iter(found.values())) if len(found) == 1 else None


def _forward(model: Any, inputs: Mapping[str, torch.Tensor], **more: Any) -> Any:
    """One forward pass; decoders keep no keys and values for a continuation that never comes."""
    if "use_cache" in inspect.signature(model.forward).parameters:
        more["use_cache"] = False
    return model(**inputs, **more)
