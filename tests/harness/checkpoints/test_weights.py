"""Weights: which files count, and what is wrong with them."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.harness.checkpoints.made import damaged, refusal
from xharness.checkpoints.checkpoint import find, inspect


def test_no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert refusal(folder) == (
        f"no weights in {folder}\n  why: there is no model.safetensors\n  fix: restore or download the weights"
    )


def test_pickles_are_refused_unless_allowed(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert refusal(folder) == (
        f"{folder} has only pickle weights (pytorch_model.bin)\n"
        "  why: loading a pickle runs whatever code its author put in it\n"
        "  fix: convert it to safetensors, or pass --allow-pickle if you trust it"
    )
    found = find(folder, allow_pickle=True)[""]
    assert found.pickled
    assert [path.name for path in found.weights] == ["pytorch_model.bin"]


def test_safetensors_go_before_pickles(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"anything")
    assert not inspect(folder, allow_pickle=True).pickled


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "one byte short": lambda data: data[:-1],
    "one byte long": lambda data: data + b"x",
    "half": lambda data: data[: len(data) // 2],
    "inside the header": lambda data: data[:40],
    "inside the length": lambda data: data[:5],
    "empty": lambda _data: b"",
    "text": lambda _data: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n",
    "header of another shape": lambda _data: struct.pack("<Q", 3) + b"[1]",
    "entry of another shape": lambda _data: struct.pack("<Q", 9) + b'{"a": 12}',
    "offsets of another shape": lambda _data: struct.pack("<Q", 28) + b'{"a": {"data_offsets": "x"}}',
}


@pytest.mark.parametrize("harm", HARMS)
def test_damaged_weights(folder: Path, harm: str) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(HARMS[harm](path.read_bytes()))
    assert refusal(folder) == damaged(path)


def test_shards_are_found(sharded: Path) -> None:
    assert [path.name for path in inspect(sharded).weights] == [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]


def test_a_missing_and_a_truncated_shard(sharded: Path) -> None:
    second = sharded / "model-00002-of-00002.safetensors"
    second.write_bytes(second.read_bytes()[:-100])
    assert refusal(sharded) == damaged(second)
    second.unlink()
    assert refusal(sharded) == damaged(second)


@pytest.mark.parametrize("content", ["{}", '{"weight_map": {}}', '{"weight_map": ["a"]}'])
def test_an_index_without_weights(sharded: Path, content: str) -> None:
    index = sharded / "model.safetensors.index.json"
    index.write_text(content)
    assert refusal(sharded) == f"cannot read {index}\n  why: it names no weights (weight_map)\n  fix: restore the file"


def test_one_file_goes_before_shards_as_in_transformers(sharded: Path, tiny: Tiny) -> None:
    shutil.copy(tiny("xlm-roberta", "sequence") / "model.safetensors", sharded)
    assert [path.name for path in inspect(sharded).weights] == ["model.safetensors"]


@pytest.mark.parametrize("names", [[3], ["../model.safetensors"], ["/etc/passwd"], [{"a": 1}], [None]])
def test_an_index_names_files_of_its_own_folder_only(sharded: Path, names: list[object]) -> None:
    index = sharded / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {str(number): name for number, name in enumerate(names)}}))
    assert "its weight_map names no files in its folder" in refusal(sharded)


@pytest.mark.parametrize(
    "header",
    [
        {"a": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 400]}},
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": "x", "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "b": 3},
        {"__metadata__": {"format": 3}, "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
        [],
    ],
)
def test_headers_that_lie(folder: Path, header: object) -> None:
    path, text = folder / "model.safetensors", json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
    assert refusal(folder) == damaged(path)
    path.write_bytes(struct.pack("<Q", 2**63) + text + bytes(4))
    assert refusal(folder) == damaged(path)
