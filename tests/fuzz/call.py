"""One command in this process, and what no command may ever do, whatever it is given."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xharness.cli import main

LIMIT = 60  # seconds; no command needs two on these inputs
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
THREE = re.compile(r"^error: .+\n(  .+\n)+  fix: .+$", re.MULTILINE)


class Hang(BaseException):
    """A command took longer than LIMIT."""


@dataclass(frozen=True)
class Called:
    """What a command left behind. ``broke`` is a traceback, or empty."""

    code: int
    out: str
    err: str
    broke: str = ""


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, left)  # that of the test around it


def call(folder: Path, arguments: Sequence[str]) -> Called:
    """Run a command in a folder."""
    before = sys.argv, sys.stdout, sys.stderr, Path.cwd()
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", errors="surrogatepass", write_through=True) for _ in range(2)]
    sys.argv, (sys.stdout, sys.stderr) = ["xharness", *arguments], streams
    code, broke = 0, ""
    os.chdir(folder)
    try:
        with _no_longer_than(LIMIT):
            main()
    except SystemExit as stopped:
        code = stopped.code if isinstance(stopped.code, int) else int(stopped.code is not None)
    except (Exception, Hang, KeyboardInterrupt):
        broke = traceback.format_exc()
    finally:
        sys.argv, sys.stdout, sys.stderr, cwd = before
        os.chdir(cwd)
    out, err = (stream.buffer.getvalue().decode("utf-8", "backslashreplace") for stream in streams)
    return Called(code, out, err, broke)


def unseemly(called: Called, *, lists: bool) -> str:
    """What is wrong with how a command ended; empty if nothing.

    Args:
        lists: Exit code 1 may be a finding of the command, printed on stdout, instead of an error.
    """
    if called.broke:
        return "hang" if "Hang" in called.broke.splitlines()[-1] else "traceback"
    if "Traceback (most recent call last)" in called.out + called.err:
        return "prints a traceback"
    if called.code not in (0, 1, 2):
        return f"exit code {called.code}"
    if found := CONTROL.search(called.out) or CONTROL.search(called.err):
        return f"prints {found.group()!r}"
    if "Warning:" in called.err:
        return "prints a warning of a library"
    if called.code == 1 and not (THREE.search(called.err) or (lists and called.out.strip())):
        return "exit code 1 without what, why and what to do"
    return ""


State = Mapping[str, tuple[int, ...]]


def state(folder: Path) -> dict[str, tuple[int, ...]]:
    """Everything in a folder and below: mode, size and time of change."""
    found: dict[str, tuple[int, ...]] = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            about = path.lstat()
            size = 0 if name in folders else about.st_size
            found[str(path.relative_to(folder))] = (about.st_mode, size, 0 if name in folders else about.st_mtime_ns)
    return found


def changed(before: State, after: State, out: str) -> str:
    """A file outside of ``out`` that a command touched, or a part that it left anywhere; empty if there is none."""
    parts = [name for name in after if name.endswith(".partial") and name not in before]
    if parts:
        return f"leaves {parts[0]}"
    touched = [
        name for name in before.keys() | after.keys()
        if not name.startswith(out) and before.get(name) != after.get(name)
    ]  # fmt: skip
    return f"changes {min(touched)}" if touched else ""
