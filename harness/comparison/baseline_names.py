"""Baselines by name: where they lie, and what ``@NAME`` stands for."""

from __future__ import annotations

import re
from pathlib import Path

from xharness.tasks.common.errors import UserError, suggestion

FOLDER = Path(".xharness") / "baselines"
SUFFIX = ".npz.xz"


def baseline_path(name: str, folder: Path = FOLDER) -> Path:
    """Where the baseline of that name lies. Raises UserError for what cannot be a file name."""
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise UserError(
            f"'{name}' cannot name a baseline", "a name has letters, digits, and . _ - inside", "for example main"
        )
    return folder / f"{name}{SUFFIX}"


def baselines(folder: Path = FOLDER) -> dict[str, Path]:
    """All baselines by name."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def resolve(text: str, folder: Path = FOLDER) -> Path:
    """The path that ``@NAME`` or a plain path stands for. Raises UserError for an unknown baseline."""
    if not text.startswith("@"):
        return Path(text)
    known = baselines(folder)
    if text[1:] not in known:
        fix = suggestion(text[1:], known) if known else "make one with xharness baseline set RUN --name NAME"
        raise UserError(f"no baseline '{text}'", f"there is no {folder / (text[1:] + SUFFIX)}", fix)
    return known[text[1:]]
