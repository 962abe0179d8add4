"""An empty cache of models."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.harness.models.conftest import cache

__all__ = ["cache"]


@pytest.fixture
def folder(tiny: Tiny, tmp_path: Path) -> Path:
    """A sequence classifier that a test may harm."""
    return shutil.copytree(tiny("xlm-roberta", "sequence"), tmp_path / "ckpt")


@pytest.fixture
def sharded(folder: Path) -> Path:
    """The same weights in two files with an index."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    parts = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for name, keys in parts.items():
        save_file({key: weights[key] for key in keys}, folder / name, metadata={"format": "pt"})
    index = {"metadata": {}, "weight_map": {key: name for name, keys in parts.items() for key in keys}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder
