"""Errors that a person can act on: one line what, one line why, one line what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


class UserError(Exception):
    """Something the user can fix. The command line prints it without a traceback and exits with 1.

    Args:
        what: What is wrong, naming the offending value.
        why: Why that cannot work.
        fix: What to do about it.
    """

    def __init__(self, what: str, why: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.why, self.fix = what, why, fix

    def __str__(self) -> str:
        return f"{self.what}\n  why: {self.why}\n  fix: {self.fix}"

    def __reduce__(self) -> tuple[type[UserError], tuple[str, str, str]]:
        """What another process needs to raise it again."""
        return UserError, (self.what, self.why, self.fix)

    def _render_traceback_(self) -> list[str]:
        """What IPython and notebooks show in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class Interrupted(UserError):
    """The process was asked to end, and has saved its state."""


def first_line(error: BaseException) -> str:
    """What an error of a library says, on one line; its kind where it says nothing."""
    said = str(error).strip().splitlines()
    return said[0].rstrip(":") if said else type(error).__name__


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in one file. ``line`` is 1-based; 0 means the file as a whole."""

    file: Path
    line: int
    what: str

    def __str__(self) -> str:
        return printable(f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}")


class BadFiles(UserError):
    """One or more files that cannot be read as what they should be; carries every problem found."""

    def __init__(self, what: str, problems: Sequence[Problem], fix: str) -> None:
        shown = "; ".join(str(problem) for problem in problems[:3])
        more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
        super().__init__(what, shown + more, fix)
        self.problems = tuple(problems)


def printable(text: str) -> str:
    """The text with everything that could upset a terminal (control characters, broken file names) escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def suggestion(name: str, known: Iterable[str]) -> str:
    """``did you mean 'xnli'?`` with the closest known name, or the list of known names."""
    names = {other.lower(): other for other in sorted(known)}
    close = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    return f"did you mean '{names[close[0]]}'?" if close else f"choose from: {', '.join(names.values())}"
