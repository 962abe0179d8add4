"""The model that ``make models`` rebuilds: its file's format, and what is said where it cannot be made."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts import models
from xharness.checkpoints.sentence_model import read_sentence_model


def packed(tensors: dict[str, tuple[int, bytes, int]]) -> bytes:
    """A file with tensors by name: kind, bytes and number of elements."""
    words, characters = b"abc", b"xy"
    head = struct.pack("<4sI7ifi", b"E5S1", 1, 384, 12, 12, 1536, 250037, 512, 2, 1e-12, 32)
    head += struct.pack("<5iQ", 2, 0, 2, 1, 3, len(words)) + struct.pack("<3I2f", 0, 1, 3, 0.0, 0.0) + words
    head += struct.pack("<iI", 7, len(characters)) + characters + struct.pack("<i", len(tensors))
    size = len(head) + sum(2 + len(name) + 21 for name in tensors)
    table, data = b"", b""
    for name, (kind, content, count) in tensors.items():
        where = (size + len(data), len(content))
        table += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, *where)
        data += content
    return head + table + data


def test_tensors_are_found_and_unpacked() -> None:
    halves = bytes((n % 16) | ((15 - n % 16) << 4) for n in range(16))
    block = np.float16(0.5).tobytes() + halves
    file = packed({"emb.ln.w": (0, np.array([1.5, -2], "<f4").tobytes(), 2), "l0.q.w": (1, block * 2, 64)})
    found = dict(models.tensors_of(memoryview(file)))
    assert found["emb.ln.w"].tolist() == [1.5, -2]
    first = [0.5 * (n - 8) for n in range(16)]
    assert found["l0.q.w"].tolist() == [*first, *reversed(first)] * 2


@pytest.mark.parametrize(
    ("name", "elements", "theirs", "shape"),
    [
        ("emb.word", 384 * 10, "embeddings.word_embeddings.weight", (10, 384)),
        ("emb.ln.b", 384, "embeddings.LayerNorm.bias", (384,)),
        ("l11.fo.w", 1536 * 384, "encoder.layer.11.output.dense.weight", (384, 1536)),
        ("l0.fi.w", 1536 * 384, "encoder.layer.0.intermediate.dense.weight", (1536, 384)),
        ("l3.aln.w", 384, "encoder.layer.3.attention.output.LayerNorm.weight", (384,)),
        ("l3.ao.b", 384, "encoder.layer.3.attention.output.dense.bias", (384,)),
    ],
)
def test_names_and_shapes_are_those_of_transformers(
    name: str, elements: int, theirs: str, shape: tuple[int, ...]
) -> None:
    assert (models.name_of(name), models.shape_of(name, elements)) == (theirs, shape)


def test_without_an_index_it_is_said_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(command: list[str], **_: Any) -> Any:
        return subprocess.CompletedProcess(command, 1, "", "WARNING: retrying\nERROR: no such host\n")

    monkeypatch.setattr(subprocess, "run", failed)
    with pytest.raises(models.NoModelError, match="ERROR: no such host"):
        models.build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f".{models.NAME}.lock"]
    assert not models.is_whole(tmp_path / models.NAME)


def test_a_model_that_is_there_is_kept(e5: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)  # nothing is asked for
    assert models.build(e5.parent) == e5
    found = read_sentence_model(e5)
    assert found is not None
    assert (found.pooling, found.longest, found.refused, found.prompts) == ("mean", 512, "", {})
