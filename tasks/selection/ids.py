"""Lists of examples in files, one id a line, as ``finetune --select`` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.outputs import write_output


def write_ids(path: Path, ids: Sequence[str]) -> None:
    """Write a list of ids, whole or not at all.

    Raises:
        UserError: an id that a line cannot hold, or a file that cannot be written.
    """
    for name in ids:
        if name != name.strip() or not name or "\n" in name:
            why = "a list has an id a line, and spaces around it do not count"
            raise UserError(f"the id {name!r} cannot be listed", why, "give the example another id in the data")
    write_output(path, "".join(f"{name}\n" for name in ids))
