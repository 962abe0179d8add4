"""The files with a checkpoint's weights: which they are, and whether they are whole. No weight is read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from xharness.checkpoints.config import read_json
from xharness.tasks.common.errors import UserError

WEIGHTS = (".safetensors", ".bin")


def weights_of(path: Path, allow_pickle: bool) -> tuple[tuple[Path, ...], bool]:
    """The files with weights, and whether they are pickles."""
    whole, index = path / "model.safetensors", path / "model.safetensors.index.json"
    if whole.is_file() or index.is_file():
        files = (whole,) if whole.is_file() else _shards(index)  # transformers prefers the one file, too
        for file in files:
            _check_safetensors(file)
        return files, False
    pickles = tuple(sorted(path.glob("pytorch_model*.bin")))
    if not pickles:
        raise UserError(f"no weights in {path}", "there is no model.safetensors", "restore or download the weights")
    if not allow_pickle:
        raise UserError(
            f"{path} has only pickle weights ({pickles[0].name})",
            "loading a pickle runs whatever code its author put in it",
            "convert it to safetensors, or pass --allow-pickle if you trust it",
        )
    return pickles, True


def _shards(index: Path) -> tuple[Path, ...]:
    """The files that an index names."""
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not names:
        raise UserError(f"cannot read {index}", "it names no weights (weight_map)", "restore the file")
    files = list(names.values())
    if not all(isinstance(name, str) and Path(name).name == name for name in files):
        raise UserError(f"cannot read {index}", "its weight_map names no files in its folder", "restore the file")
    return tuple(index.parent / name for name in sorted(set(files)))


def is_safetensors(path: Path) -> bool:
    """True for a file whose header is whole and describes exactly the bytes that follow. Reads the header only."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            return True
    except (OSError, SafetensorError):
        return False


def _check_safetensors(path: Path) -> None:
    """Refuse a file of weights that is not whole."""
    if not is_safetensors(path):
        raise UserError(
            f"{path} is damaged",
            "it is missing, truncated or not a safetensors file: its length is not what its header says",
            "copy or download it again",
        )


def size_of_weights(files: Iterable[Path]) -> tuple[int, int]:
    """How many tensors and numbers files of safetensors hold."""
    from safetensors import safe_open

    tensors, numbers = 0, 0
    for path in files:
        with safe_open(path, framework="numpy") as file:
            shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118  # it is not a mapping
        tensors, numbers = tensors + len(shapes), numbers + sum(math.prod(shape) for shape in shapes)
    return tensors, numbers
