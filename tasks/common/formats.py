"""Formats of files that a user names: the ending of a name tells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from xharness.tasks.common.errors import UserError

Format = TypeVar("Format")


def format_of(out: Path, endings: Mapping[str, Format], *, option: str = "") -> Format:
    """The format that the ending of a file's name tells.

    Args:
        endings: Formats by ending, ``.csv`` for example; case does not matter.
        option: The option that tells the format of a file of any name, if there is one.

    Raises:
        UserError: the ending is not one of them.
    """
    found = endings.get(out.suffix.lower())
    if found is None:
        why = f"'{out.suffix}' is not one of the endings" if out.suffix else "its name has no ending"
        fix = f"give a name that ends in {', '.join(endings)}"
        raise UserError(f"cannot tell the format of {out}", why, f"{fix}; or {option}" if option else fix)
    return found


def check_ending(path: Path, ending: str, option: str = "--out") -> None:
    """Refuse a name that promises another format than the only one there is; one without an ending promises nothing.

    Raises:
        UserError: it ends in something else.
    """
    if path.suffix and path.suffix.lower() != ending:
        why = f"{option} is written as {ending} only, and this name ends in {path.suffix}"
        raise UserError(f"cannot write to {path}", why, f"give a name that ends in {ending}")
