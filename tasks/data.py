"""The user's data folder: which cells it holds, and one cell with its examples, gold, problems and content hash."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xharness.tasks.base import Example, Gold, Rows, Split, Task
from xharness.tasks.common.errors import Problem, UserError
from xharness.tasks.common.files import FileHashes
from xharness.tasks.common.text import plural
from xharness.tasks.gold import gold_of_examples, gold_of_labels
from xharness.tasks.perturbed import PerturbedData, read_perturbed
from xharness.tasks.registry import ON_DEMAND, built_in, languages_of

MADE_UP = "made.json"
"""A file that only folders of the demo's made-up world have."""


@dataclass(frozen=True)
class CellData:
    """One task in one language and split.

    Attributes:
        gold: As the task's type has it; None where there is none.
        gold_source: Path of the labels file, :data:`xharness.tasks.gold.WITH_EXAMPLES`, or empty.
        files: Every file read, the labels file last.
        problems: Every malformed line; a cell with problems must not be evaluated.
        notes: What a user should know.
        sha: SHA-256 over the contents of ``files``, whatever their names and whatever the limit; empty if one
            cannot be opened.
        rows: What became of the rows of the examples' files.
    """

    task: Task
    language: str
    split: str
    examples: Sequence[Example]
    gold: Gold | None
    gold_source: str
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    sha: str
    rows: tuple[Rows, ...] = ()


@dataclass(frozen=True)
class DataFolder:
    """``download`` holds a folder a task; ``labels``, if there, gold as ``<task>/<split>-<language>.<ext>``.

    ``perturbed`` says what was done to the texts; None for plain data.
    """

    download: Path
    labels: Path | None
    perturbed: PerturbedData | None = None
    hashes: FileHashes = field(default_factory=FileHashes, compare=False, repr=False)

    @classmethod
    def open(cls, data: Path, labels: Path | None = None, *, names: Collection[str] = ()) -> DataFolder:
        """Find the two folders: ``data`` holds ``download/`` and ``labels/``, or is a ``download`` folder itself.

        Args:
            data: The folder the user named.
            labels: Gold from elsewhere; by default the ``labels`` folder inside ``data`` or beside it.
            names: Names of tasks of the user's own, whose folders count as well.

        Raises:
            UserError: missing, empty, no folder, without any task in it, or one folder for both; perturbed data that
                are not what they say.
        """
        _require_folder(data, "data")
        download = data / "download" if (data / "download").is_dir() else data
        folders = (folder for task in ON_DEMAND.values() for folder in (task.name, *task.data_folders))
        known = {*built_in(), *names, *folders}
        if not any(child.is_dir() and child.name in known for child in download.iterdir()):
            raise _nothing_in(download)
        if labels is not None:
            _require_folder(labels, "labels")
        else:
            beside = (download.parent / "labels", download.resolve().parent / "labels")
            labels = next((folder for folder in beside if folder.is_dir()), None)
        if labels is not None and labels.resolve() == download.resolve():
            raise UserError(
                f"{download} is taken for both examples and gold",
                "test examples and gold lie in files of the same names, so they need a folder each",
                "name the folder that holds download/ and labels/ with --data DIR",
            )
        return cls(download, labels, read_perturbed(download))

    def languages(self, task: Task, split: str = "test") -> list[str]:
        """Languages whose examples are there, in the task's order, XTREME-R's additions last. Reads no file."""
        return [language for language in languages_of(task) if self.holds(task, language, split)]

    def holds(self, task: Task, language: str, split: str = "test") -> bool:
        """Whether the examples of this cell are there. Reads no file."""
        if task.combination:
            return all(self.holds(*part, split) for part in task.combination.parts(language))
        return task.reader is not None and bool(task.reader.find(self.download / task.name, language, split))

    def labels_file(self, task: Task, language: str, split: str = "test") -> Path | None:
        """The labels file of this cell, if it is there."""
        path = self.labels / task.name / task.file_name(language, split) if self.labels else None
        return path if path and path.is_file() else None

    def conditions(self, task: Task, language: str) -> dict[str, str]:
        """What the data of a cell add to the signature of its number: how they are perturbed, if they are."""
        if self.perturbed is None:
            return {}
        parts = task.combination.parts(language) if task.combination else [(task, language)]
        return {
            name: value for part, code in parts for name, value in self.perturbed.conditions(part.name, code).items()
        }

    def files(self, task: Task, language: str, split: str = "test") -> tuple[Path, ...]:
        """Every file of a cell: examples, then labels. Reads nothing."""
        if task.combination:
            return tuple(file for part in task.combination.parts(language) for file in self.files(*part, split))
        labels = self.labels_file(task, language, split)
        found = task.reader.find(self.download / task.name, language, split) if task.reader else ()
        return (*found, *((labels,) if labels else ()))

    def load(
        self, task: Task, language: str, split: str = "test", *, keep_csv_quotes: bool = False, limit: int | None = None
    ) -> CellData:
        """Read one cell; gold from its labels file, else from the examples' own files.

        Args:
            task: What to read.
            language: Its language.
            split: train, dev or test.
            keep_csv_quotes: Keep the quote marks that the reference's preprocessing puts into pair tasks.
            limit: Only the first examples. Retrieval: the first queries, all candidates. Mining: the first source
                sentences, their translations among as many target sentences, and the gold pairs between them.

        Raises:
            UserError: the cell is not there, the task cannot be read, or a file was changed while it was read.
        """
        if task.combination:
            found_parts = [
                self.load(*part, split, keep_csv_quotes=keep_csv_quotes, limit=limit)
                for part in task.combination.parts(language)
            ]
            return self._combined(task, language, found_parts)
        first = self._hash(self.files(task, language, split))
        found = self._read(task, language, split, keep_csv_quotes)
        path = self.labels_file(task, language, split)
        gold = gold_of_labels(task, language, found, path) if path else gold_of_examples(task, language, found)
        said = () if gold.answers is None else task.type.gold_notes(found.examples, gold.answers)
        files = (*found.files, *((path,) if path else ()))
        examples, answers = found.examples, gold.answers
        if limit is not None:
            examples, answers = task.type.first(examples, answers, limit)
        sha = self._hash(files)
        if self._hash(self.files(task, language, split)) != first:
            raise changed_meanwhile(f"{task.name} in '{language}'")
        problems, notes = (*found.problems, *gold.problems), (*found.notes, *gold.notes, *said)
        return CellData(task, language, split, examples, answers, gold.source, files, problems, notes, sha, found.rows)

    def _combined(self, task: Task, language: str, parts: Sequence[CellData]) -> CellData:
        """A cell made of others; one problem if they have not equally many examples."""
        assert task.combination is not None
        problems = [problem for part in parts for problem in part.problems]
        sizes = {part.files[0]: len(part.examples) for part in parts}
        if not problems and len({*sizes.values()}) > 1:
            sizes_told = ", ".join(f"{plural(size, 'row')} in {file}" for file, size in sizes.items())
            problems = [Problem(parts[0].files[0], 0, f"{task.name} joins row by row, and there are {sizes_told}")]
        examples = [] if problems else task.combination.join([part.examples for part in parts])
        files = tuple(file for part in parts for file in part.files)
        notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
        first = parts[0]
        if any(part.gold is not None and part.gold != first.gold for part in parts):
            notes = (*notes, f"gold differs between languages: that of {first.language} counts")
        rows = tuple(each for part in parts for each in part.rows)
        return CellData(
            task, language, first.split, examples, first.gold, first.gold_source, files, tuple(problems), notes,
            self._hash(files), rows,
        )  # fmt: skip

    def _hash(self, files: Sequence[Path]) -> str:
        """Hash of all files; empty if one cannot be opened, which is a problem already."""
        try:
            return self.hashes.sha256(files)
        except OSError:
            return ""

    def _read(self, task: Task, language: str, split: str, keep_csv_quotes: bool) -> Split:
        """The examples, with a person's error where there are none."""
        if task.reader is None:
            raise UserError(
                f"task '{task.name}' cannot be read", "it can be scored, but has no reader", "leave it out of --tasks"
            )
        try:
            return task.reader.read(self.download / task.name, language, split, keep_csv_quotes=keep_csv_quotes)
        except FileNotFoundError as error:
            if self.holds(task, language, split):
                raise  # something else is not there
            there = ", ".join(self.languages(task, split)) or "none"
            raise UserError(
                f"no {split} data of {task.name} in '{language}'",
                f"{self.download / task.name} holds these languages: {there}",
                "choose one of them, or add the missing files",
            ) from error


def changed_meanwhile(what: str) -> UserError:
    """Data that were replaced between hashing and reading."""
    return UserError(
        f"the data of {what} were changed meanwhile",
        "a file is no longer what it was when this command began, so no key and no hash would fit what was read",
        "run the same command again when nothing writes there",
    )


def _require_folder(path: Path, option: str) -> None:
    """A folder that is there and can be listed."""
    fix = f"name it with --{option} DIR"
    if not path.exists():
        raise UserError(f"no {option} folder at {path}", "nothing is there", fix)
    if not path.is_dir():
        raise UserError(f"{path} is a file, not a {option} folder", "the files of the tasks lie in folders", fix)
    try:
        empty = next(path.iterdir(), None) is None
    except OSError as error:
        raise UserError(f"cannot list {path}", error.strerror or str(error), "check its permissions") from error
    if empty:
        raise UserError(f"the {option} folder {path} is empty", "there is nothing to read", fix)


def _nothing_in(folder: Path) -> UserError:
    """No task folder: say what was found and what was expected."""
    found = sorted(child.name + ("/" if child.is_dir() else "") for child in folder.iterdir())
    shown = ", ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")
    return UserError(
        f"no task in {folder}",
        f"found {shown or 'nothing'}; expected download/ with folders named after tasks, such as xnli/ or udpos/",
        "name the folder that holds download/ and labels/, or the download folder itself, with --data DIR",
    )
