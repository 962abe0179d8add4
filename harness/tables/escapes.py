"""Text of others, made harmless for where it is shown: one function a format, used by every renderer.

Names of runs and models, texts of data and words of configs may hold anything. Each function keeps what a reader
sees and takes away what the format would act upon.
"""

from __future__ import annotations

import json
import re
from html import escape as html

__all__ = ["csv_cell", "html", "latex", "latex_comment", "markdown", "one_line", "script_json", "terminal", "xml"]

_LINE_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls but tab and line feed; signs that turn the direction of what follows; halves of characters."""
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\^{}", "~": r"\~{}", "<": r"$<$", ">": r"$>$", "−": r"$-$", "±": r"$\pm$", "–": "--", "≤": r"$\leq$",
    "→": r"$\rightarrow$", "×": r"$\times$", "*": r"$^{*}$", "†": r"$^{\dagger}$",
    "▲": r"$\uparrow$", "▼": r"$\downarrow$",
}  # fmt: skip
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def terminal(text: str) -> str:
    r"""Text whose control characters are written out (``\u001b``); lines and tabs stay, and JSON stays JSON."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """Text of a terminal on one line: a line break becomes a space."""
    return terminal(_LINE_BREAKS.sub(" ", text))


def markdown(text: str) -> str:
    """Text that markdown shows as it is, on one line, in a table too.

    Angle brackets become entities: not every markdown takes a backslash before them.
    """
    escaped = re.sub(r"[\\`*_\[\]|#]", r"\\\g<0>", one_line(text))
    return re.sub("[&<>]", lambda found: _ENTITIES[found[0]], escaped)


def latex(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(_LATEX.get(letter, letter) for letter in one_line(text))


def latex_comment(text: str) -> str:
    """A line that LaTeX does not read, whatever is in it."""
    return f"% {one_line(text)}"


def csv_cell(text: str) -> str:
    """A text that a spreadsheet shows and does not compute: an apostrophe stands before what looks like a formula."""
    shown = one_line(text)
    return f"'{shown}" if _FORMULA.match(text) or text[:1] in ("\t", "\r", "\n") else shown


def xml(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold; a library escapes the others."""
    return re.sub(r"[\ufffe\uffff]", "", terminal(text))


def script_json(data: object) -> str:
    """JSON for a script element: nothing in it can end the element, whatever the texts hold."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
