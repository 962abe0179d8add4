"""What the retrieving types share: sentences as vectors from chosen blocks of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from xharness.checkpoints.checkpoint import Checkpoint
from xharness.checkpoints.sentence_model import SentenceModel, read_sentence_model
from xharness.compute.loading import Loaded
from xharness.compute.throughput import Throughput
from xharness.evaluation.answer.authors import (
    check_width,
    meant_pooling,
    pooling_of,
    prompt_length,
    prompt_of,
    room_beside_prompt,
    shown,
)
from xharness.evaluation.answer.base import AnswerRequest
from xharness.evaluation.answer.protocol import doubted, followed
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.embed import embed
from xharness.predict.layers import AUTO, Pooling, layer_signature, main_block, resolve_layer
from xharness.predict.pooling import NOTHING, AfterPooling
from xharness.predict.room import Remedies
from xharness.retrieve.once import Layers
from xharness.tasks.base import Items, Task
from xharness.tasks.common.json_types import Json, JsonObject


@dataclass(frozen=True)
class EmbeddingSettings:
    """Where vectors come from.

    Attributes:
        layer: As the user gave it, or the word that ``auto`` stands for.
        layers: The 1-based blocks, ascending; several for a sweep.
        named: The word for the block whose answers count; a sweep's is the one that ``auto`` stands for, as the best
            one on test is not a fair choice.
        main: That block.
        shown: The block as signatures name it.
        prompt: Text that is put before every text.
        authors: What an embedding model does beside pooling; None for other models and where a pooling was chosen.
        length: Longest input in word pieces, where the authors say a smaller one than the task.
        protocol: The name of the protocol that decided all this; empty for none.
        doubt: What a user should know of the checkpoint under it.
    """

    layer: str
    layers: tuple[int, ...]
    named: str
    main: int
    shown: str
    pooling: Pooling
    prompt: str = ""
    authors: SentenceModel | None = None
    length: int | None = None
    protocol: str = ""
    doubt: str = ""

    @classmethod
    def of(cls, options: EvaluateOptions, task: Task, checkpoint: Checkpoint) -> EmbeddingSettings:
        """The user's words for a checkpoint.

        Raises:
            UserError: a block or prompt that the checkpoint does not have; files that cannot be followed; a protocol
                that it does not fit.
        """
        options = followed(options, task, checkpoint)
        depth, folder = checkpoint.blocks, checkpoint.path
        model = read_sentence_model(folder)
        usual = "last" if model else "reference"
        layer = usual if options.layer == AUTO else options.layer
        named = usual if layer == "sweep" else layer
        pooling = meant_pooling(options.pooling, task, checkpoint)
        authors = model if pooling == AUTO else None
        if authors is not None:
            check_width(authors, checkpoint)
        longest = authors.longest if authors and not options.max_length else None
        return cls(
            layer,
            tuple(resolve_layer(layer, depth)),
            named,
            main_block(named, depth),
            layer_signature(named, depth),
            pooling_of(pooling, model, folder),
            prompt_of(options.prompt, model or SentenceModel(), folder),
            authors,
            longest if longest and longest < task.max_length else None,
            task.protocol,
            doubted(task, checkpoint),
        )

    def cache_key_fields(self) -> JsonObject:
        """What of it can change an answer. What is as in a model that is not an embedding model is left out."""
        further: dict[str, Json] = {"main": self.named} if (self.layer, self.named) == ("sweep", "last") else {}
        further |= {"prompt": self.prompt} if self.prompt else {}
        further |= {"protocol": self.protocol} if self.protocol else {}
        further |= self.authors.key_fields(prompted=bool(self.prompt)) if self.authors else {}
        return {"layer": self.layer, "pooling": self.pooling, **further}

    def signature_parts(self) -> dict[str, str]:
        """What a number says of it."""
        parts = {"layer": self.shown, "pooling": self.pooling}
        parts |= {"protocol": self.protocol} if self.protocol else {}
        parts |= {"prompt": shown(self.prompt)} if self.prompt else {}
        parts |= {"length": str(self.length)} if self.length else {}
        return parts | (self.authors.signature_parts(prompted=bool(self.prompt)) if self.authors else {})

    def remark(self) -> str:
        """What ``auto`` stands for, for people; empty where it stands for nothing of the model's own."""
        if self.authors is None or self.protocol:
            return self.doubt
        parts = {name: value for name, value in self.signature_parts().items() if name != "prompt"}
        told = ", ".join(f"{name} {value}" for name, value in parts.items())
        offered = ", ".join(map(ascii, self.authors.prompts))
        other = f" (it offers {offered}: --prompt NAME)" if offered and not self.prompt else ""
        prompt = f"prompt {shown(self.prompt)}" if self.prompt else "no prompt"
        return f"vectors as the model's modules.json says: {told}, {prompt}{other}"

    def max_length(self, given: int) -> int:
        """Longest input in word pieces, of a task's or the user's own."""
        return min(given, self.length or given)

    def check_room(self, loaded: Loaded, task: Task, max_length: int, remedies: Remedies) -> None:
        """Refuse a prompt that leaves no room for texts. Raises UserError."""
        if self.prompt:
            room_beside_prompt(loaded, task, self.prompt, self.max_length(max_length), remedies)


class Encoder:
    """Embeds texts for a request.

    Attributes:
        spent: What that took, over all calls.
    """

    def __init__(
        self, request: AnswerRequest[object], settings: EmbeddingSettings, total: int, *, half: bool = False
    ) -> None:
        """``total`` texts will be asked for in all calls; ``half`` keeps their vectors in half precision on disk.

        Those of several blocks are on disk anyway, so that memory does not grow with the blocks.
        """
        self._request, self._settings, self._total, self._half = request, settings, max(1, total), half
        self._on_disk = request.folder if half or len(settings.layers) > 1 else None
        self._after = _after_pooling(request.loaded, settings)
        self.spent, self._done = Throughput(), 0

    def __call__(self, texts: Sequence[str], max_length: int | None = None) -> Layers:
        """Vectors by block. ``max_length`` cuts otherwise than the request does."""
        request, settings, done = self._request, self._settings, self._done
        streaming = request.streaming
        streaming["progress"] = lambda share: request.progress((done + share * len(texts)) / self._total)
        embedded = embed(
            request.loaded,
            [settings.prompt + text for text in self._cased(texts)],
            layers=list(settings.layers),
            pooling=settings.pooling,
            max_length=settings.max_length(max_length or request.max_length),
            after=self._after,
            on_disk=self._on_disk,
            half=self._half,
            **streaming,
        )
        self.spent += embedded.throughput
        self._done += len(texts)
        return embedded.by_layer()

    def _cased(self, texts: Sequence[str]) -> Sequence[str]:
        authors = self._settings.authors
        return [text.lower() for text in texts] if authors and authors.lower_case else texts


def width_of(loaded: Loaded, settings: EmbeddingSettings) -> int:
    """Columns of a vector."""
    return _after_pooling(loaded, settings).columns(int(loaded.model.config.hidden_size))


def _after_pooling(loaded: Loaded, settings: EmbeddingSettings) -> AfterPooling:
    """What an embedding model does beside pooling."""
    authors = settings.authors
    if authors is None:
        return NOTHING
    skipped = prompt_length(loaded, settings.prompt) if settings.prompt and not authors.pools_prompt else 0
    return AfterPooling(skipped, authors.dense, authors.width)


def similarities(ids: Sequence[str], scores: ArrayLike) -> Items:
    """One number an item, shape (items, 1)."""
    return Items(tuple(ids), tuple(ids), np.asarray(scores, dtype=np.float64).reshape(-1, 1))


def searches_on_gpu(request: AnswerRequest[object]) -> bool:
    """Whether neighbours are searched where the model is."""
    return request.loaded.device.name.startswith("cuda")
