"""Outputs of batches in a file, appended as they come, so that a killed process loses one batch at most, on a card two.

Batches are planned by the inputs alone, so what a killed process has computed is what the next one would compute: it
reads the outputs, to the last bit, and continues with the batches that are left. A record is a batch's numbers and
outputs in safetensors' format, behind its length and its CRC; the file is cut where one is not whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from xharness.compute.batches import IntArray
from xharness.predict.outputs import from_names, tensors_by_name

if TYPE_CHECKING:
    import torch

FRAME = struct.Struct("<QI")  # bytes of a record, and their CRC
BATCH = "batch"  # the numbers of the inputs, beside the outputs


class Journal:
    """The outputs of everything that one request runs through a model, a file for each stream.

    Args:
        folder: Where the files are; made with the first one.
        key: Of everything but the inputs that can change an output.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._folder, self._key = folder, key

    @contextlib.contextmanager
    def open(
        self, ids: Sequence[Sequence[int]], types: Sequence[Sequence[int] | None], batch_tokens: int
    ) -> Iterator[Stream]:
        """The file of one stream, by its inputs and by how they are put into batches."""
        digest = hashlib.sha256(f"{self._key} {batch_tokens}".encode())
        for row, kinds in zip(ids, types, strict=True):
            digest.update(np.array([len(row), *row, *(kinds or ())], dtype=np.int32).tobytes())
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / digest.hexdigest()[:32]
        path.touch()
        with path.open("r+b", buffering=0) as file:
            yield Stream(file)


class Stream:
    """What is known of one stream's batches."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def known(self) -> Iterator[tuple[IntArray, Any]]:
        """Every batch that is there, with its output; afterwards the file ends with the last whole record."""
        from safetensors.torch import load

        end = 0
        while (payload := self._read()) is not None:
            end = self._file.tell()
            tensors = load(payload)
            batch = tensors.pop(BATCH).numpy()
            yield batch, from_names(tensors)
        self._file.seek(end)
        self._file.truncate()

    def add(self, batch: IntArray, output: Any) -> None:
        """Append the output of a batch; where the disk is full, nothing, which costs time after a kill only."""
        from safetensors.torch import save

        outputs = {name: each.cpu().contiguous() for name, each in tensors_by_name(output).items()}
        payload = save({BATCH: _tensor(batch), **outputs})
        with contextlib.suppress(OSError):
            self._file.write(FRAME.pack(len(payload), zlib.crc32(payload)) + payload)

    def _read(self) -> bytes | None:
        """The next record; None if there is none that is whole."""
        head = self._file.read(FRAME.size)
        if len(head) < FRAME.size:
            return None
        size, crc = FRAME.unpack(head)
        if size > os.fstat(self._file.fileno()).st_size - self._file.tell():  # a damaged length may be any number
            return None
        payload = self._file.read(size)
        return payload if len(payload) == size and zlib.crc32(payload) == crc else None


def _tensor(numbers: IntArray) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(numbers))
