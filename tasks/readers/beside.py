"""Files that a task shares with others: in its own folder, in theirs beside it, in ``intermediate``; parts of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from xharness.tasks.base import Reader, Rows, Split
from xharness.tasks.common.errors import Problem


@dataclass(frozen=True)
class BesideReader:
    """What another reader finds in the first folder that has it.

    Attributes:
        reader: Reads the files.
        folders: Names of folders beside the task's own, best first.
        test: The published split that is the test set here.
    """

    reader: Reader
    folders: tuple[str, ...]
    test: str = "test"

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files of the split; empty if there are none."""
        found = (self.reader.find(place, language, self._published(split)) for place in self._places(folder))
        return next(filter(None, found), ())

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:
        """Read what :meth:`find` found.

        Raises:
            FileNotFoundError: nothing is there.
        """
        for place in self._places(folder):
            if self.reader.find(place, language, self._published(split)):
                return self.reader.read(place, language, self._published(split), keep_csv_quotes=keep_csv_quotes)
        names = ", ".join((folder.name, *self.folders))
        raise FileNotFoundError(f"no {split} files for '{language}' in {names} of {folder.parent}")

    def _published(self, split: str) -> str:
        return self.test if split == "test" else split

    def _places(self, folder: Path) -> Iterator[Path]:
        """Its own folder, then those beside it, then those in ``intermediate`` beside ``download``."""
        yield folder
        for holder in (folder.parent, folder.parent.parent / "intermediate"):
            yield from (place for name in self.folders if (place := holder / name).is_dir())


@dataclass(frozen=True)
class SelectedReader:
    """The examples of another reader that have a fact, with their gold."""

    reader: Reader
    fact: str
    value: str

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files of all examples."""
        return self.reader.find(folder, language, split)

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:
        """Read all and keep some; none is a problem.

        Raises:
            FileNotFoundError: nothing is there.
        """
        whole = self.reader.read(folder, language, split, keep_csv_quotes=keep_csv_quotes)
        places = [place for place, each in enumerate(whole.examples) if each.facts.get(self.fact) == self.value]
        missing = Problem(whole.files[0], 0, f"no example of {self.fact} {self.value}")
        return replace(
            whole,
            examples=[whole.examples[place] for place in places],
            gold=None if whole.gold is None else [whole.gold[place] for place in places],
            problems=whole.problems if places or whole.problems else (missing,),
            rows=tuple(Rows(each.file, each.unit, len(places)) for each in whole.rows[:1]),
        )
