"""Problems of files, listed one a line, and the error that ends the command behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NoReturn

from xharness.cli.screen import say
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.text import plural

if TYPE_CHECKING:
    from xharness.tasks.common.errors import Problem


def list_problems(problems: Iterable[Problem]) -> None:
    """Every problem, one a line, on stderr."""
    say(*problems, err=True)


def refuse(problems: Sequence[Problem], what: str, fix: str) -> NoReturn:
    """Raise UserError for problems that are listed already."""
    files = len({problem.file for problem in problems})
    raise UserError(what, f"{plural(len(problems), 'problem')} in {plural(files, 'place')}, listed above", fix)
