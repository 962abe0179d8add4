"""The csv-quoting trap of XTREME's XNLI and PAWS-X files.

They are written with Python's csv module (a field that holds a double quote is wrapped in double quotes, inner ones
doubled) and read back without it, so that models see quote marks that nobody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUOTES = re.compile('"+')


def is_quoted(field: str) -> bool:
    """Whether the csv module writes a field like this: wrapped, and each quote inside doubled, at least one.

    The module wraps only a field that needs it, so ``"Yes."`` as a whole is text with its own quotes.
    """
    inner = field[1:-1]
    return (
        len(field) >= 4
        and field[0] == field[-1] == '"'
        and '""' in inner
        and all(len(run) % 2 == 0 for run in _QUOTES.findall(inner))
    )


def quote(field: str) -> str:
    """The field as the csv module writes it."""
    doubled = field.replace('"', '""')
    return f'"{doubled}"' if '"' in field else field


def undo(rows: Sequence[list[str]]) -> tuple[list[list[str]], int]:
    """The fields of a whole file without csv quoting, and how many were quoted.

    A csv-written file quotes every field that holds a quote mark. A file where most such fields are not quoted was
    written otherwise and stays as it is; so does a single field that is not valid quoting.
    """
    marked = [field for row in rows for field in row if '"' in field]
    quoted = sum(map(is_quoted, marked))
    if 2 * quoted <= len(marked):
        return list(rows), 0
    return [[_unquoted(field) for field in row] for row in rows], quoted


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if is_quoted(field) else field
