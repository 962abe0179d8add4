"""Writes the demo world to disk, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from harness.demo import bitexts, pairs, questions, tags
from harness.demo.files import SIZES, File, World
from tasks.errors import UserError, suggestion

__all__ = ["SIZES", "World", "files", "write_world"]

MARKER = "world.json"
OWN = {MARKER, "download", "labels", "text"}


def files(world: World) -> Iterator[File]:
    """Every file of the world, task by task."""
    for maker in (pairs, tags, questions, bitexts):
        yield from maker.files(world)


def _marker(seed: int, size: str) -> str:
    """What was made, and by which code: a changed generator makes the world anew."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return json.dumps({"made-up world": True, "seed": seed, "size": size, "generator": code[:16]}) + "\n"


def write_world(folder: Path, *, seed: int = 0, size: str = "demo") -> None:
    """Make ``folder`` hold the world: ``download/``, ``labels/``, ``text/`` and a marker file.

    Returns at once if it does already. The world is written beside the folder and then renamed, so a killed run leaves
    nothing half-written there.

    Raises:
        UserError: The size is unknown, or the folder holds something else.
    """
    if size not in SIZES:
        raise UserError(f"unknown size '{size}'", "the demo world comes in fixed sizes", suggestion(size, SIZES))
    marker = _marker(seed, size)
    if (folder / MARKER).is_file() and (folder / MARKER).read_text(encoding="utf-8") == marker:
        return
    if folder.exists() and (not folder.is_dir() or not {path.name for path in folder.iterdir()} <= OWN):
        raise UserError(
            f"{folder} holds something else", "the demo world needs a folder of its own", "name another one"
        )
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    for file in files(World(seed, size)):
        path = part / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.text.encode())
    (part / MARKER).write_text(marker, encoding="utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    part.rename(folder)
