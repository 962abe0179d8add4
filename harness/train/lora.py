"""Low-rank adaptation by peft: an encoder that learns what is added to its weights, and the checkpoint that comes out.

Only the added matrices, the heads and a fresh pooler learn; weights of the parent stay. At the end the products are
added to the weights, so that the checkpoint is a model like any other, and ``adapter/`` beside it holds what was
learned in peft's own format, for whoever wants to load it onto the parent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from xharness.checkpoints.adapter import LABELS, WEIGHTS
from xharness.checkpoints.checkpoint import Checkpoint, Head
from xharness.tasks.common.files import render_json, write_atomic
from xharness.train.lora_options import LoraOptions

BLOCK = re.compile(r"(.*?\.)\d+\.(.+)")
PREFIX = "base_model.model."
TASK_TYPES = {
    Head.SEQUENCE: "SEQ_CLS",
    Head.TOKEN: "TOKEN_CLS",
    Head.SPAN: "QUESTION_ANS",
    Head.ENCODER: "FEATURE_EXTRACTION",
}
"""As peft calls heads."""


@dataclass(frozen=True)
class Adapter:
    """What one head and the encoder have learned, in peft's words.

    Attributes:
        tensors: By the names that they have in peft's files.
        config: The content of ``adapter_config.json``.
        labels: What the head's outputs are called; empty for a head without labels.
    """

    tensors: Mapping[str, torch.Tensor]
    config: Any  # a LoraConfig of peft
    labels: Sequence[str] = ()

    def write(self, folder: Path) -> None:
        """Peft's two files, and the names of the labels, for which peft has no place."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file(dict(self.tensors), folder / WEIGHTS, metadata={"format": "pt"})
        if self.labels:
            write_atomic(folder / LABELS, render_json({"labels": list(self.labels)}))
        self.config.save_pretrained(folder)


def adapt(encoder: torch.nn.Module, options: LoraOptions, *, fresh_pooler: bool) -> None:
    """Let the linear layers of an encoder's blocks learn by low-rank matrices, in place; everything else of it stays.

    The matrices are drawn by torch's generator, and add nothing at first.
    """
    from peft import LoraConfig, inject_adapter_in_model

    linear = [name for name, module in encoder.named_modules() if type(module) is torch.nn.Linear]
    inject_adapter_in_model(LoraConfig(**_settings(linear, options)), encoder)
    if fresh_pooler:
        pooler: Any = encoder.pooler
        pooler.requires_grad_(True)


def adapters_of(
    encoder: torch.nn.Module,
    heads: Mapping[str, Any],
    kinds: Mapping[str, Head],
    options: LoraOptions,
    parent: Checkpoint,
) -> dict[str, Adapter]:
    """The adapter of each head. Call it before :func:`merge`."""
    return {name: _adapter(encoder, head, kinds[name], options, parent) for name, head in heads.items()}


def merge(encoder: torch.nn.Module) -> None:
    """Add the products to the weights, in place; the encoder is then of the parent's own shape again."""
    for name, layer in list(_layers(encoder)):
        layer.merge()
        encoder.set_submodule(name, layer.get_base_layer())


def _layers(encoder: torch.nn.Module) -> Iterator[tuple[str, Any]]:
    """The layers that peft has put into an encoder, by name."""
    from peft.tuners.lora import LoraLayer

    yield from ((name, module) for name, module in encoder.named_modules() if isinstance(module, LoraLayer))


def _settings(layers: Iterable[str], options: LoraOptions) -> dict[str, Any]:
    """What peft is told of the layers of an encoder; their pattern holds for the encoder within a head as well."""
    places = {
        rf"{re.escape(found[1])}\d+\.{re.escape(found[2])}" for name in layers if (found := BLOCK.fullmatch(name))
    }
    return {
        "r": options.r,
        "lora_alpha": options.alpha,
        "lora_dropout": 0.0,
        "target_modules": rf"(?:.*\.)?(?:{'|'.join(sorted(places))})",
    }


def _adapter(encoder: torch.nn.Module, head: Any, kind: Head, options: LoraOptions, parent: Checkpoint) -> Adapter:
    from peft import LoraConfig

    model = encoder if kind is Head.ENCODER else head  # a dual encoder is an encoder and what stands on it here only
    inside = next(name for name, module in model.named_modules() if module is encoder)
    learned = {
        name.replace(".default.", "."): parameter.detach().cpu().clone().contiguous()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    whole = {name.removeprefix(f"{inside}.").partition(".")[0] for name in learned if ".lora_" not in name}
    config: Any = LoraConfig(
        **_settings([name for name, _ in _layers(encoder)], options),
        task_type=TASK_TYPES.get(kind),
        modules_to_save=sorted(whole) or None,
        base_model_name_or_path=parent.hub.id if parent.hub else str(parent.path.resolve()),
        inference_mode=True,
    )
    if kind not in TASK_TYPES:
        config.auto_mapping = {"base_model_class": type(head).__name__, "parent_library": type(head).__module__}
    labels = [name for _, name in sorted(head.config.id2label.items())] if kind in (Head.SEQUENCE, Head.TOKEN) else []
    return Adapter({f"{PREFIX}{name}": tensor for name, tensor in learned.items()}, config, labels)
