"""The studies that come with xharness, by name, and those in files of the user's own."""

from __future__ import annotations

from pathlib import Path

from xharness.studies.design import StudyDesign
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.typed_toml import read_toml

SHIPPED = Path(__file__).parent / "shipped"


def shipped() -> dict[str, Path]:
    """The file of every study that comes with xharness, by its name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def find_study(name: str) -> tuple[str, StudyDesign]:
    """A study by its name or by its file.

    Returns:
        Its name, and what the file declares.

    Raises:
        UserError: there is no such study, or its file is wrong.
    """
    known = shipped()
    path = known.get(name, Path(name))
    if name not in known and not path.is_file():
        why = "it is neither a file nor the name of one that comes with xharness"
        raise UserError(f"unknown study '{name}'", why, suggestion(name, known))
    return path.stem, read_toml(path, StudyDesign)
