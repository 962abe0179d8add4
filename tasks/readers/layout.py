"""Where files may lie: as XTREME's preprocessing leaves them, or untouched as they come from upstream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path

from xharness.tasks.base import LayoutNote, Split


@dataclass(frozen=True)
class Found:
    """The files of one language and split, in which layout they lie below which folder, and how to read them."""

    folder: Path
    files: tuple[Path, ...]
    language: str
    split: str
    upstream: bool
    keep_csv_quotes: bool = False


@dataclass(frozen=True)
class FolderReader(ABC):
    """A reader that knows both layouts of one task; preprocessed files win over upstream ones."""

    @abstractmethod
    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """Files in XTREME's layout; empty if one is missing."""

    @abstractmethod
    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """Untouched files at any depth below the folder; empty if one is missing."""

    @abstractmethod
    def parse(self, found: Found) -> Split:
        """Examples, and gold where the files have it; a malformed row is a problem, and in neither."""

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files that hold this language and split; empty if there are none."""
        return self.preprocessed(folder, language, split) or self.upstream(folder, language, split)

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:
        """Read what :meth:`find` found; ``keep_csv_quotes`` keeps the reference's csv quote marks in the text.

        Raises:
            FileNotFoundError: nothing is there.
        """
        own = self.preprocessed(folder, language, split)
        other = self.upstream(folder, language, split)
        if not own and not other:
            raise FileNotFoundError(f"no {split} files for '{language}' in {folder}")
        content = self.parse(
            Found(folder, own or other, language, split, upstream=not own, keep_csv_quotes=keep_csv_quotes)
        )
        if not own:
            note = LayoutNote(f"read from upstream files: {_names(folder, other)}")
        elif other and other != own:
            note = LayoutNote(f"preprocessed files win, upstream ones are there too: {_names(folder, other)}")
        else:
            return content
        return replace(content, notes=(note, *content.notes))


def existing(*paths: Path) -> tuple[Path, ...]:
    """All the paths if each is a file, else none."""
    return paths if all(path.is_file() for path in paths) else ()


def state(path: Path) -> tuple[int, int]:
    """What changes when a file does, for what is remembered of its content."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def search(folder: Path, *patterns: str) -> tuple[Path, ...]:
    """The first file below the folder, shallowest first, that matches the first pattern with any match."""
    for pattern in patterns:
        matches = [path for path in folder.rglob(pattern) if path.is_file()]
        if matches:
            return (min(matches, key=lambda path: (len(path.parts), path)),)
    return ()


def _names(folder: Path, files: tuple[Path, ...]) -> str:
    """Paths for people, relative to the task's folder; many are cut short."""
    names = [str(path.relative_to(folder)) for path in files[:3]]
    return ", ".join(names) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
