"""JSON files of ours that know the hashes of the files beside them, and their own.

Damage is seen before anything is used.

{..., "files": {"model.safetensors": "<SHA-256>", ...}, "sha256": "<hash of everything else in this object>"}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from xharness.tasks.common.files import hash_file
from xharness.tasks.common.keys import content_key

Value = TypeVar("Value")

SEAL = "sha256"
FORMAT = 2
"""Of sealed files; those of format 1 have no hashes, and are read as they are."""


def seal(record: Mapping[str, Value]) -> dict[str, Value | str]:
    """The record with its own hash, the last of its fields, in place of the one that it may have."""
    plain = unsealed(record)
    return {**plain, SEAL: _hash(plain)}


def unsealed(record: Mapping[str, Value]) -> dict[str, Value]:
    """The record without its hash."""
    return {name: value for name, value in record.items() if name != SEAL}


def is_sealed(record: Mapping[str, object]) -> bool:
    """True for a record that is what was sealed; one of an earlier format, without a hash, is not."""
    return record.get(SEAL) == _hash(unsealed(record))


def is_of_today(record: Mapping[str, object]) -> bool:
    """True for a record that must have a seal, whether it holds or not."""
    return SEAL in record or record.get("format") == FORMAT


def is_broken(record: Mapping[str, object]) -> bool:
    """True for a record that must have a seal, and is not what was sealed."""
    return is_of_today(record) and not is_sealed(record)


def files_below(folder: Path, leave_out: Iterable[str] = ()) -> dict[str, str]:
    """The hash of every file in a folder and those in it, by its name as seen from there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: hash_file(path) for name, path in names.items() if name not in set(leave_out)}


def damaged(files: object, *folders: Path) -> list[str]:
    """Names of files that are not there, or not what they were.

    Args:
        files: Hashes by name, from a record that was read.
        folders: Where they may be; the first that has a file counts.

    Raises:
        OSError: a file is there and cannot be read.
    """
    if not isinstance(files, dict):
        return ["its list of files"]
    found = []
    for name, digest in files.items():
        inside = not Path(name).is_absolute() and ".." not in Path(name).parts
        there = next((folder / name for folder in folders if (folder / name).is_file()), None) if inside else None
        if there is None or hash_file(there) != digest:
            found.append(name)
    return found


def _hash(record: Mapping[str, object]) -> str:
    return content_key(json.loads(json.dumps(record)))  # as it is after it was read: names are texts, tuples are lists
