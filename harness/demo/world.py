"""Writes the demo world to disk, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xharness.demo import bitexts, choices, intermediate, pairs, questions, tags, text
from xharness.demo.files import SIZES, File, World
from xharness.demo.whole import make_whole
from xharness.tasks.common.errors import UserError, suggestion

__all__ = ["SIZES", "World", "files", "write_world"]


def files(world: World) -> Iterator[File]:
    """Every file of the world, task by task."""
    for maker in (pairs, tags, questions, bitexts, text, intermediate, choices):
        yield from maker.files(world)


def write_world(folder: Path, *, seed: int = 0, size: str = "demo") -> None:
    """Make ``folder`` hold the world: ``download/``, ``labels/``, ``intermediate/`` and ``text/``.

    Returns at once if it does already.

    Raises:
        UserError: The size is unknown, or the folder holds something else.
    """
    if size not in SIZES:
        raise UserError(f"unknown size '{size}'", "the demo world comes in fixed sizes", suggestion(size, SIZES))

    def write(part: Path) -> None:
        for file in files(World(seed, size)):
            path = part / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.text.encode())

    make_whole(folder, {"seed": seed, "size": size}, write)
