"""Vectors of many texts in a file, encoded shard by shard, so that a killed process loses one shard at most.

Two files a set: ``<key>.vectors``, numbers only, shape (layers, texts, width), and ``<key>.json``, the shards that are
whole with a hash of each. The key is that of everything that can change a vector, so that a file that is there is
either the right one or not found. A shard is written, flushed, and then entered; one whose hash does not fit is encoded
again. Shards are encoded apart from each other, so that the bytes are the same whatever was there before.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xharness.retrieve.once import Encode
from xharness.retrieve.search import normalise
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json, write_atomic
from xharness.tasks.common.json_files import JsonError, read_json
from xharness.tasks.common.text import plural

SHARD = 2048
"""Texts in a shard: enough to sort by length, little enough to lose."""

Texts: TypeAlias = Callable[[range], Sequence[str]]


class VectorShards:
    """Vectors of length 1 of a set of texts.

    Args:
        folder: Where the files are; made if need be.
        key: Names the files.
        layers: 1-based blocks.
        count: Number of texts.
        width: Of a vector.
        half: Half precision; else single.
    """

    def __init__(
        self, folder: Path, key: str, *, layers: Sequence[int], count: int, width: int, half: bool, shard: int = SHARD
    ) -> None:
        self.path, self._index = folder / f"{key}.vectors", folder / f"{key}.json"
        self._layers, self._shape = tuple(layers), (len(layers), count, width)
        self._kind = np.dtype("<f2" if half else "<f4")
        self._parts = [range(start, min(start + shard, count)) for start in range(0, count, shard)]
        self._done = self._whole()

    @property
    def missing(self) -> int:
        """Number of texts that are not encoded yet."""
        return sum(len(part) for part, digest in zip(self._parts, self._done, strict=True) if not digest)

    def fill(self, texts: Texts, encode: Encode) -> dict[int, NDArray[np.floating]]:
        """Encode what is missing.

        Args:
            texts: The texts of some rows.
            encode: Texts -> vectors of shape (texts, width) by layer.

        Returns:
            For each layer the vectors, shape (count, width), in the file.

        Raises:
            UserError: no room for them.
        """
        vectors = self._open()
        for number, part in enumerate(self._parts):
            if not self._done[number]:
                encoded = encode(texts(part))
                for place, layer in enumerate(self._layers):
                    vectors[place, part.start : part.stop] = normalise(encoded[layer])
                vectors.flush()
                self._done[number] = _digest(vectors[:, part.start : part.stop])
                write_atomic(self._index, render_json({"shape": self._shape, "shards": self._done}))
        return dict(zip(self._layers, vectors, strict=True))

    def _whole(self) -> list[str]:
        """The hash of each shard that is as it was entered; empty for the others."""
        empty = [""] * len(self._parts)
        try:
            found = read_json(self._index)
            same = found["shape"] == list(self._shape) and self.path.stat().st_size == self._size
            entered = found["shards"] if same and len(found["shards"]) == len(empty) else empty
        except (OSError, JsonError, KeyError, TypeError):
            return empty
        if not any(entered):
            return empty
        vectors = np.memmap(self.path, self._kind, "r", shape=self._shape)
        digests = (_digest(vectors[:, part.start : part.stop]) for part in self._parts)
        return [digest if digest == known else "" for digest, known in zip(digests, entered, strict=True)]

    @property
    def _size(self) -> int:
        return int(np.prod(self._shape)) * self._kind.itemsize

    def _open(self) -> np.memmap[tuple[int, ...], np.dtype[np.floating]]:
        """The file, made of the right size where it is not."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        there = self.path.stat().st_size if self.path.is_file() else 0
        if there != self._size:
            if (free := shutil.disk_usage(self.path.parent).free + there) < self._size:
                raise UserError(
                    f"no room for the vectors of {plural(self._shape[1], 'candidate')}",
                    f"{self.path.parent} has {free / 1e9:.1f} GB free, and they take {self._size / 1e9:.1f} GB",
                    "free some space, or choose another --out",
                )
            with self.path.open("wb") as file:
                file.truncate(self._size)
        return np.memmap(self.path, self._kind, "r+", shape=self._shape)


def _digest(part: NDArray[np.floating]) -> str:
    return hashlib.sha256(np.ascontiguousarray(part).tobytes()).hexdigest()
