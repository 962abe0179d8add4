"""Sentence embeddings: text -> pooled vectors of one or many transformer blocks, from a single pass."""

from __future__ import annotations

import math
import shutil
import tempfile
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Unpack

import numpy as np
from numpy.typing import NDArray

from xharness.compute.batches import IntArray
from xharness.compute.loading import Loaded
from xharness.compute.special_tokens import single_template
from xharness.compute.throughput import Throughput
from xharness.predict.hidden_states import hidden_states
from xharness.predict.layers import Pooling
from xharness.predict.pooling import NOTHING, AfterPooling, pool, projection, without_first
from xharness.predict.stream import Streaming, stream
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.text import plural

if TYPE_CHECKING:
    import torch

Vectors: TypeAlias = NDArray[np.float32]

PART = 16384  # texts at a time, where all at once would take memory for nothing


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Vectors of texts.

    Attributes:
        layers: 1-based blocks.
        vectors: Shape (layers, texts, width), not normalised; fp32, or fp16 where that was asked for.
        throughput: Counts of the distinct texts, each of which was encoded once.
    """

    layers: tuple[int, ...]
    vectors: Vectors
    throughput: Throughput

    def by_layer(self) -> dict[int, Vectors]:
        """Views of shape (texts, width) by block; what is fp32 is read like what is in memory, wherever it is."""
        views = self.vectors if self.vectors.dtype == np.float16 else np.asarray(self.vectors)
        return dict(zip(self.layers, views, strict=True))


def embed(
    loaded: Loaded,
    texts: Sequence[str],
    *,
    layers: Sequence[int],
    pooling: Pooling,
    max_length: int,
    after: AfterPooling = NOTHING,
    on_disk: Path | None = None,
    half: bool = False,
    **streaming: Unpack[Streaming],
) -> Embeddings:
    """Embed every text at every layer asked for. Equal texts are encoded once and get equal vectors.

    Args:
        loaded: A bare encoder (``AutoModel``) on its device.
        layers: 1-based blocks (:func:`xharness.predict.layers.resolve_layer`); the model runs to the highest only.
        pooling: ``mean`` over all tokens (special ones included), ``mean-no-special``, ``cls`` (the first token), or
            those of :func:`xharness.predict.pooling.pool`. The sums are fp32. A text that has nothing but special
            tokens is the mean of those.
        max_length: Longest input in tokens, special tokens included; longer ones are cut at the end.
        after: What is done beside pooling.
        on_disk: Keep the vectors in a nameless file in this folder, which goes with the last use.
        half: In half precision.
        streaming: See :func:`xharness.predict.stream.stream`.

    Raises:
        UserError: a vector is not finite, or there is no room for them.
    """
    depth = int(loaded.model.config.num_hidden_layers)
    if not layers or min(layers) < 1 or max(layers) > depth:
        raise ValueError(f"layers {list(layers)} of a model of {depth} blocks")
    distinct = list(dict.fromkeys(texts))
    ids, types = _tokenise(loaded, distinct, max_length)
    row = {text: index for index, text in enumerate(distinct)}
    source = np.fromiter((row[text] for text in texts), dtype=np.int64, count=len(texts))
    first = np.unique(source, return_index=True)[1]  # where each distinct text stands first
    shape = (len(layers), len(texts), after.columns(int(loaded.model.config.hidden_size)))
    vectors = room_for(shape, np.dtype(np.float16 if half else np.float32), on_disk)

    def use(batch: IntArray, pooled: torch.Tensor) -> None:
        with np.errstate(over="ignore"):  # what half precision cannot hold is found and said below
            vectors[:, first[batch]] = pooled.cpu().numpy()

    make = partial(_pooling_encoder, layers=tuple(layers), pooling=pooling, after=after)
    spent = stream(loaded, ids, types, use, make=make, **streaming)
    equals = first[source]
    if bad := sum(_repeat(vectors, equals, start) for start in range(0, len(texts), PART)):
        raise _not_finite(bad, len(texts), loaded.device.precision, half)
    return Embeddings(tuple(layers), vectors, spent)


def _repeat(vectors: NDArray[np.floating], equals: IntArray, start: int) -> int:
    """Give PART texts from ``start`` on the vectors of their first equals; how many of them are not finite."""
    part = slice(start, start + PART)
    finite = np.ones(len(equals[part]), dtype=bool)
    for block in vectors:  # one at a time: they may be many
        block[part] = block[equals[part]]
        finite &= np.isfinite(block[part]).all(1)
    return int((~finite).sum())


def room_for(shape: tuple[int, ...], kind: np.dtype[np.floating], folder: Path | None) -> NDArray[np.floating]:
    """Where vectors go: memory, or a file without a name, which nothing has to clean up.

    Raises:
        UserError: the folder has no room for them.
    """
    size = math.prod(shape) * kind.itemsize
    if folder is None or not size:
        return np.empty(shape, dtype=kind)
    if (free := shutil.disk_usage(folder).free) < size:
        raise UserError(
            f"no room for the vectors of {plural(shape[1], 'text')}",
            f"{folder} has {free / 1e9:.1f} GB free, and they take {size / 1e9:.1f} GB",
            "free some space, or choose another --out",
        )
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, dtype=kind, mode="w+", shape=shape)


def _not_finite(bad: int, count: int, precision: str, half: bool) -> UserError:
    """No search can compare such vectors."""
    why, what = f"the model overflowed in {precision}", "use --precision fp32"
    if half:
        why, what = "half precision ends at 65504", "use --vectors memory"
    elif precision == "fp32":
        what = "check the weights of the checkpoint"
    return UserError(
        f"{bad} of {count} sentence vectors are not finite numbers", f"{why}, or its weights hold such numbers", what
    )


def _tokenise(
    loaded: Loaded, texts: list[str], max_length: int
) -> tuple[Sequence[Sequence[int]], Sequence[Sequence[int] | None]]:
    """Token ids and token types of texts in bulk. A text without any token becomes one padding token."""
    ids, types = list[Sequence[int]](), list[Sequence[int] | None]()
    for start in range(0, len(texts), PART):
        encoded = loaded.tokenizer(
            texts[start : start + PART],
            truncation=True,
            max_length=min(max_length, loaded.max_tokens),
            padding=False,
            return_attention_mask=False,
            verbose=False,
        )
        ids += [array("i", row or [loaded.pad_id]) for row in encoded["input_ids"]]
        given = encoded.get("token_type_ids")
        types += [None] * len(encoded["input_ids"]) if given is None else [array("b", row or [0]) for row in given]
    return ids, types


def _pooling_encoder(
    loaded: Loaded, layers: Sequence[int], pooling: Pooling, after: AfterPooling
) -> Callable[..., torch.Tensor]:
    """The model as a function from a batch to pooled fp32 vectors of shape (layers, rows, width), on its device."""
    import torch

    template = single_template(loaded.tokenizer)
    before, behind = len(template.before), len(template.after)
    project = projection(after.dense, loaded.device.name)
    first = pooling == "cls" and not after.skipped

    def encode(**inputs: torch.Tensor) -> torch.Tensor:
        real = inputs["attention_mask"].bool()
        inside = _without_special(real, before, behind) if pooling == "mean-no-special" else real
        inside = without_first(inside, after.skipped) if after.skipped else inside
        pooled: dict[int, torch.Tensor] = {}

        def on_layer(layer: int, hidden: torch.Tensor) -> None:
            pooled[layer] = project(pool(hidden, real, inside, pooling))[:, : after.width]

        hidden_states(loaded.model, inputs, layers, on_layer, first_token=first)
        return torch.stack([pooled[layer] for layer in layers])

    return encode


def _without_special(real: torch.Tensor, before: int, after: int) -> torch.Tensor:
    """The tokens between the special ones of a text padded on the right; all its tokens if there are none between."""
    import torch

    lengths = real.sum(1, keepdim=True)
    position = torch.arange(real.shape[1], device=real.device)[None]
    inner = (position >= before) & (position < lengths - after)
    return torch.where(lengths > before + after, inner, real)
