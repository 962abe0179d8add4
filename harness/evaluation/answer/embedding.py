"""What the retrieving types share: sentences as vectors from chosen blocks of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.base import AnswerRequest
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.embed import embed
from xharness.predict.layers import Pooling, layer_signature, main_block, resolve_layer, resolve_pooling
from xharness.retrieve.once import Layers
from xharness.tasks.base import Items


@dataclass(frozen=True)
class EmbeddingSettings:
    """Where vectors come from.

    Attributes:
        layer: As the user gave it.
        layers: The 1-based blocks, ascending; several for a sweep.
        main: The block whose answers count; a sweep's is the reference's, as the best one on test is not a fair choice.
        shown: The block as signatures name it.
    """

    layer: str
    layers: tuple[int, ...]
    main: int
    shown: str
    pooling: Pooling

    @classmethod
    def of(cls, options: EvaluateOptions, checkpoint: Checkpoint) -> EmbeddingSettings:
        """The user's words for a checkpoint.

        Raises:
            UserError: a block that the checkpoint does not have.
        """
        depth = checkpoint.blocks
        return cls(
            options.layer,
            tuple(resolve_layer(options.layer, depth)),
            main_block(options.layer, depth),
            layer_signature(options.layer, depth),
            resolve_pooling(options.pooling),
        )

    def cache_key_fields(self) -> dict[str, Any]:
        """What of it can change an answer."""
        return {"layer": self.layer, "pooling": self.pooling}

    def signature_parts(self) -> dict[str, str]:
        """What a number says of it."""
        return {"layer": self.shown, "pooling": self.pooling}


class Encoder:
    """Embeds texts for a request.

    Attributes:
        spent: What that took, over all calls.
    """

    def __init__(
        self, request: AnswerRequest[Any], settings: EmbeddingSettings, total: int, on_disk: Path | None = None
    ) -> None:
        """``total`` texts will be asked for in all calls; ``on_disk`` is a folder for the vectors."""
        self._request, self._settings, self._total, self._on_disk = request, settings, max(1, total), on_disk
        self.spent, self._done = Throughput(), 0

    def __call__(self, texts: Sequence[str], max_length: int | None = None) -> Layers:
        """Vectors by block. ``max_length`` cuts otherwise than the request does."""
        request, settings, done = self._request, self._settings, self._done
        embedded = embed(
            request.loaded,
            texts,
            layers=list(settings.layers),
            pooling=settings.pooling,
            max_length=max_length or request.max_length,
            batch_tokens=request.batch_tokens,
            on_disk=self._on_disk,
            progress=lambda share: request.progress((done + share * len(texts)) / self._total),
            on_halved=request.halved,
        )
        self.spent += embedded.throughput
        self._done += len(texts)
        return embedded.by_layer()


def similarities(ids: Sequence[str], scores: ArrayLike) -> Items:
    """One number an item, shape (items, 1)."""
    return Items(tuple(ids), tuple(ids), np.asarray(scores, dtype=np.float64).reshape(-1, 1))


def searches_on_gpu(request: AnswerRequest[Any]) -> bool:
    """Whether neighbours are searched where the model is."""
    return request.loaded.device.name.startswith("cuda")
