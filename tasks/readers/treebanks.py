"""Which treebank files of Universal Dependencies a task reads where several releases lie side by side."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.lines import count

_RELEASE = re.compile(r"(?<![0-9.])([12]\.[0-9]{1,2})(?![0-9.])")


def of_release(paths: Iterable[Path], folder: Path, wanted: str) -> tuple[Path, ...]:
    """The files in the order of their names: those of the release that is ``wanted``, if any lies below ``folder``.

    A release is a folder such as ``ud-treebanks-v2.5``. Where the wanted one is not there, all files are taken.
    """
    ordered = sorted(paths, key=lambda path: (path.name, path))
    return tuple(path for path in ordered if release(path, folder) == wanted) or tuple(ordered)


def release(path: Path, folder: Path) -> str:
    """The release that one of the folders between ``folder`` and the file names; empty if none does."""
    names = path.relative_to(folder).parts[:-1]
    return next((found[1] for name in reversed(names) if (found := _RELEASE.search(name))), "")


def notes_on_releases(folder: Path, files: Sequence[Path], passed_over: Collection[Path], wanted: str) -> list[str]:
    """What a user should know of the releases that were read and of those that were not."""
    read = {release(path, folder) for path in files} - {""}
    others = sorted({release(path, folder) for path in passed_over} - {"", *read})
    notes = []
    if read and read != {wanted}:
        notes.append(f"treebanks of release {', '.join(sorted(read))}, where XTREME has {wanted}")
    if passed_over:
        rest = f" (release {', '.join(others)})" if others else ""
        notes.append(f"release {wanted} is read, {count(len(passed_over), 'file')} beside it{rest} left aside")
    return notes


def repeated(files: Sequence[Path]) -> list[Problem]:
    """A problem for each file that is there twice, by its name or by its content: it would count twice."""
    names: dict[str, Path] = {}
    contents: dict[bytes, Path] = {}
    problems = []
    for path in files:
        try:
            content = hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).digest()
        except OSError:
            continue  # who reads it says so
        first = names.get(path.name) or contents.get(content)
        if first:
            problems.append(Problem(path, 0, f"the same treebank as {first}: keep one of them"))
        names.setdefault(path.name, path)
        contents.setdefault(content, path)
    return problems
