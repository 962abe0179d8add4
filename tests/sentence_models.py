"""Tiny embedding models: what sentence-transformers would leave beside a tiny encoder's weights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PACKAGE = "sentence_transformers.models"


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def save_sentence_model(
    encoder: Path,
    folder: Path,
    *,
    pooling: str | Mapping[str, Any] = "mean",
    dense: Sequence[Mapping[str, Any]] = (),
    more: Sequence[str] = ("Normalize",),
    longest: int | None = None,
    lower_case: bool = False,
    prompts: Mapping[str, Any] | None = None,
) -> Path:
    """A copy of an encoder's folder with modules.

    Args:
        pooling: A mode of today's, or a whole config of it.
        dense: Configs of layers; their weights are random, the same every time.
        more: Kinds of modules after them.
        prompts: Content of ``config_sentence_transformers.json``.
    """
    shutil.copytree(encoder, folder)
    kinds = ["Transformer", "Pooling", *("Dense" for _ in dense), *more]
    paths = ["", *(f"{number}_{kind}" for number, kind in enumerate(kinds[1:], 1))]
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": f"{PACKAGE}.{kind}"}
        for n, (path, kind) in enumerate(zip(paths, kinds, strict=True))
    ]
    write_json(folder / "modules.json", modules)
    width = json.loads((encoder / "config.json").read_text())["hidden_size"]
    own = {"word_embedding_dimension": width}
    config = {"pooling_mode": pooling} if isinstance(pooling, str) else dict(pooling)
    write_json(folder / paths[1] / "config.json", own | config)
    for number, layer in enumerate(dense):
        save_dense(folder / paths[2 + number], layer, seed=number)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": longest, "do_lower_case": lower_case})
    if prompts is not None:
        write_json(folder / "config_sentence_transformers.json", prompts)
    return folder


def save_dense(folder: Path, config: Mapping[str, Any], seed: int = 0) -> None:
    """A layer's config and random weights."""
    import torch
    from safetensors.torch import save_file

    write_json(folder / "config.json", config)
    generator = torch.Generator().manual_seed(seed)
    weights = {"linear.weight": torch.randn(config["out_features"], config["in_features"], generator=generator)}
    if config.get("bias", True):
        weights["linear.bias"] = torch.randn(config["out_features"], generator=generator)
    save_file(weights, folder / "model.safetensors")


def layer(
    inputs: int, outputs: int, activation: str = "torch.nn.modules.activation.Tanh", **more: Any
) -> dict[str, Any]:
    """A layer's config as sentence-transformers writes it."""
    return {"in_features": inputs, "out_features": outputs, "bias": True, "activation_function": activation, **more}
