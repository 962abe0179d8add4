"""Folders that are there whole or not at all, and are only replaced if nobody put anything else there."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_files import JsonError, as_object, read_json
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.data import MADE_UP


def make_whole(folder: Path, made_from: JsonObject, write: Callable[[Path], None]) -> None:
    """Make ``folder`` hold what ``write`` writes, once for the same ``made_from`` and the same code of this package.

    ``write`` gets a folder beside it, which is renamed when finished, so a killed run leaves nothing half-written.

    Raises:
        UserError: The folder holds something else.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    wanted = {**made_from, "code": code[:16]}
    found = _marker(folder)
    if found.get("made_from") == wanted:
        return
    contents = found.get("contents")
    ours = {MADE_UP, *(name for name in (contents if isinstance(contents, list) else ()) if isinstance(name, str))}
    if folder.exists() and not (folder.is_dir() and {path.name for path in folder.iterdir()} <= ours):
        raise UserError(
            f"{folder} holds something else", "the demo needs a folder of its own there", "name another one"
        )
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    write(part)
    contents = sorted(path.name for path in part.iterdir())
    marker = {"made_from": wanted, "contents": contents}
    (part / MADE_UP).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    part.rename(folder)


def _marker(folder: Path) -> JsonObject:
    """The folder's marker; empty if it has none that can be read."""
    try:
        marker = read_json(folder / MADE_UP)
    except (OSError, JsonError):
        return {}
    return as_object(marker)
