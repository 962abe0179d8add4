"""Helpers for tests of readers: write a made-up file, list problems."""

from pathlib import Path

from xharness.tasks.base import Split


def write(path: Path, text: str) -> Path:
    """Write a file as it stands, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def problems(split: Split) -> list[tuple[int, str]]:
    """Line and text of every problem."""
    return [(problem.line, problem.what) for problem in split.problems]
