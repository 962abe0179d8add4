"""Vectors in shards: the same bytes however often the process was killed, and nothing taken that is not whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from xharness.retrieve.once import Layers
from xharness.retrieve.search import Vectors
from xharness.retrieve.shards import VectorShards
from xharness.tasks.common.errors import UserError

WIDTH, LAYERS = 6, (2, 3)


def vector(text: str, layer: int) -> Vectors:
    return np.random.default_rng([int(text), layer]).standard_normal(WIDTH).astype(np.float32)


class Encoder:
    """Counts what it encodes."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Layers:
        self.seen += texts
        return {layer: np.stack([vector(text, layer) for text in texts]) for layer in LAYERS}


def texts(rows: range) -> list[str]:
    return [str(row) for row in rows]


def shards(folder: Path, *, count: int = 25, half: bool = True) -> VectorShards:
    return VectorShards(folder, "key", layers=LAYERS, count=count, width=WIDTH, half=half, shard=10)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("half", [True, False])
def test_vectors_have_length_1_and_are_encoded_once(tmp_path: Path, half: bool) -> None:
    encoder = Encoder()
    made = shards(tmp_path, half=half)
    assert made.missing == 25
    found = made.fill(texts, encoder)
    assert encoder.seen == texts(range(25))
    for layer in LAYERS:
        right = np.stack([vector(str(row), layer) for row in range(25)])
        right /= np.linalg.norm(right, axis=1, keepdims=True)
        assert np.abs(found[layer] - right).max() < (1e-3 if half else 1e-6)
    assert found[2].dtype == (np.float16 if half else np.float32)
    again = Encoder()
    assert shards(tmp_path, half=half).missing == 0
    shards(tmp_path, half=half).fill(texts, again)
    assert again.seen == []


def test_a_shard_that_is_not_as_it_was_entered_is_encoded_again(tmp_path: Path) -> None:
    shards(tmp_path).fill(texts, Encoder())
    before = files(tmp_path)
    content = bytearray(before["key.vectors"])
    content[12 * WIDTH * 2] ^= 1  # row 12 of the first layer
    (tmp_path / "key.vectors").write_bytes(content)
    encoder = Encoder()
    shards(tmp_path).fill(texts, encoder)
    assert encoder.seen == texts(range(10, 20))
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"shape": 3, "shards": 7}', b'{"shape": [2, 25, 6], "shards": [1]}']
)
def test_an_index_that_is_none_counts_for_nothing(tmp_path: Path, content: bytes) -> None:
    shards(tmp_path).fill(texts, Encoder())
    before = files(tmp_path)
    (tmp_path / "key.json").write_bytes(content)
    assert shards(tmp_path).missing == 25
    shards(tmp_path).fill(texts, Encoder())
    assert files(tmp_path) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.harness.retrieve.test_shards import Encoder, shards, texts
class Deadly(Encoder):
    def __call__(self, given):
        if len(self.seen) >= int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(given)
shards(Path(sys.argv[1])).fill(texts, Deadly())
"""


def test_kill_9_and_the_same_again_gives_the_same_bytes(tmp_path: Path) -> None:
    shards(tmp_path / "whole").fill(texts, Encoder())
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    for after in (0, 10):
        command = [sys.executable, "-c", KILLED, str(tmp_path / "cut"), str(after)]
        assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    encoder = Encoder()
    shards(tmp_path / "cut").fill(texts, encoder)
    assert encoder.seen == texts(range(10, 25))
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_no_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: type("Usage", (), {"free": 10})())
    with pytest.raises(UserError, match="no room for the vectors of 25 candidates"):
        shards(tmp_path).fill(texts, Encoder())
