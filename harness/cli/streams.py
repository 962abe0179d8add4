"""Standard output and error as every command needs them, set once at the door.

What the encoding of a terminal lacks is written in ASCII, and an output that can take no more (a closed pipe, a full
disk) does not stop the work behind it: what the command was asked for is done, then the door tells.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FALLBACK = "xharness-ascii"
SIGNS = {
    "±": "+/-", "…": "...", "→": "->", "←": "<-", "▲": "^", "▼": "v", "≠": "!=", "≤": "<=", "≥": ">=", "×": "x",
    "−": "-", "–": "-", "—": "-", "·": ".", "•": "*", "†": "+", "“": '"', "”": '"', "‘": "'", "’": "'",
    "\u00a0": " ", "─": "-", "━": "-", "│": "|",
}  # fmt: skip
"""How the signs of our own output are written where only ASCII is."""


def plain(error: UnicodeError) -> tuple[str, int]:
    """What is written for letters that an encoding lacks: a sign's ASCII, else JSON's escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(SIGNS.get(letter) or escaped(letter) for letter in letters), error.end


def in_ascii(text: str) -> str:
    """A text with the ASCII of our own signs."""
    return "".join(SIGNS.get(letter, letter) for letter in text)


def escaped(letter: str) -> str:
    r"""``\u00e4``; two of them for a letter beyond 16 bits, as JSON has it."""
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _codec(name: str) -> codecs.CodecInfo | None:
    """ASCII under our name of it, for libraries that look it up."""
    if name.replace("_", "-") != FALLBACK:
        return None
    known = codecs.lookup("ascii")
    return codecs.CodecInfo(known.encode, known.decode, known.streamreader, known.streamwriter, name=FALLBACK)


class _Raw(io.FileIO):
    """A file that swallows what it cannot take, and keeps the reason."""

    failed: OSError | None = None

    def write(self, data: Any) -> int:
        """Write; after the first failure nothing more is tried."""
        if self.failed is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failed = error
        return len(memoryview(data).cast("B"))


class _Text(io.TextIOWrapper):
    """Text in an encoding that may lack letters."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding; for ASCII, which libraries take for a mistake and replace by UTF-8, our name of it."""
        name = codecs.lookup(super().encoding).name
        return FALLBACK if name == "ascii" else name


@contextmanager
def guarded() -> Iterator[_Raw | None]:
    """Both streams made safe, and as they were afterwards; gives the file behind stdout, which knows if it failed."""
    codecs.register_error(FALLBACK, plain)
    codecs.register(_codec)
    before = sys.stdout, sys.stderr
    out, sys.stdout = _safe(sys.stdout, sys.__stdout__)
    _, sys.stderr = _safe(sys.stderr, sys.__stderr__)
    try:
        yield out
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before
        codecs.unregister(_codec)


def _safe(stream: Any, own: Any) -> tuple[_Raw | None, Any]:
    """The stream over a file that cannot fail; one that is not the process's own (a test's) as it is."""
    if stream is None:
        return None, Path(os.devnull).open("w", encoding="utf-8")
    if stream is not own:
        return None, stream
    stream.flush()
    raw = _Raw(stream.fileno(), "wb", closefd=False)
    encoding = "ascii" if _ascii_asked() else stream.encoding
    return raw, _Text(io.BufferedWriter(raw), encoding, FALLBACK, line_buffering=raw.isatty() or own is sys.__stderr__)


def _ascii_asked() -> bool:
    """``LC_ALL=C``, which Python itself takes for UTF-8 unless told."""
    told = "PYTHONUTF8" in os.environ or "PYTHONIOENCODING" in os.environ
    return os.environ.get("LC_ALL") in ("C", "POSIX") and not told


def lost(out: _Raw | None) -> OSError | None:
    """Why stdout did not take everything; a reader that had enough (``| head``) is not a reason."""
    failed = out.failed if out else None
    return failed if failed and failed.errno != errno.EPIPE else None
