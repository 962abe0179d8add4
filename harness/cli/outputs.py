"""What ``--format`` and ``--out`` mean together, the same for every command."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from xharness.cli.screen import say
from xharness.tasks.common.formats import check_ending, format_of
from xharness.tasks.common.outputs import check_file

Format = TypeVar("Format", bound=StrEnum)


def output_format(asked: Format | None, out: Path | None, endings: Mapping[str, Format], default: Format) -> Format:
    """The format asked for, or the one that the name of the file stands for.

    Raises:
        UserError: the name does not tell, or no file can be written there.
    """
    if out is None:
        return asked or default
    check_file(out)
    return asked or format_of(out, endings, option=f"--format {', '.join(type(default))}")


def check_output(path: Path | None, ending: str, option: str = "--out") -> None:
    """Refuse a file of another ending than that of its only format, or that cannot be written; None is no file."""
    if path is not None:
        check_ending(path, ending, option)
        check_file(path, option)


def say_written(path: Path) -> None:
    """Say what was written, on stderr: stdout is for what was asked for."""
    say(f"{path}: written", err=True)
