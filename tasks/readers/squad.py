"""Readers of this kind of file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tasks.base import Split


@dataclass(frozen=True)
class XquadReader:
    """Finds and reads the files of this task."""

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files that hold this language and split."""
        return ()

    def read(self, folder: Path, language: str, split: str, *, quirks: bool = False) -> Split:
        """Read what :meth:`find` found."""
        raise FileNotFoundError(folder)


@dataclass(frozen=True)
class MlqaReader:
    """Finds and reads the files of this task."""

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files that hold this language and split."""
        return ()

    def read(self, folder: Path, language: str, split: str, *, quirks: bool = False) -> Split:
        """Read what :meth:`find` found."""
        raise FileNotFoundError(folder)


@dataclass(frozen=True)
class TydiqaReader:
    """Finds and reads the files of this task."""

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files that hold this language and split."""
        return ()

    def read(self, folder: Path, language: str, split: str, *, quirks: bool = False) -> Split:
        """Read what :meth:`find` found."""
        raise FileNotFoundError(folder)
