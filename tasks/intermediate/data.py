"""The English data that a task is trained on: where it lies, and one split of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xharness.tasks.base import Reader, Split, Task
from xharness.tasks.common.errors import BadFiles, UserError

SPLITS = ("train", "dev", "test")


def find_folder(data: Path, task: Task) -> Path:
    """The folder of a task's English files: ``intermediate/<name>``, ``download/<name>`` or ``<name>`` below ``data``.

    Names are the task's own and its ``data_folders``; ``data`` may also be that folder itself. The first one with a
    train, dev or test file wins, one with a train file first.

    Raises:
        UserError: none has any.
    """
    folders = list(dict.fromkeys(_candidates(data, task)))
    for splits in (("train",), SPLITS):
        for folder in folders:
            if task.reader is not None and any(task.reader.find(folder, "en", split) for split in splits):
                return folder
    names = [task.name, *(name for name in task.data_folders if name != ".")]
    raise UserError(
        f"no English data of {task.name} in {data}",
        f"looked for {', '.join(names)} in it and in its intermediate/ and download/, with files named as published",
        f"put the files of {task.source} into {data / task.name}",
    )


def find_files(task: Task, data: Path, split: str) -> tuple[Path, ...]:
    """The English files of one split, of which there is at least one.

    Raises:
        UserError: there are none.
    """
    folder, reader = find_folder(data, task), _reader(task)
    if files := reader.find(folder, "en", split):
        return files
    there = ", ".join(name for name in SPLITS if reader.find(folder, "en", name))
    fix = "add its file, named as published"
    raise UserError(f"no {split} data of {task.name} in {folder}", f"there is only: {there}", fix)


def load(task: Task, data: Path, split: str = "train") -> Split:
    """The English examples of one split.

    Raises:
        UserError: there are none, or they are not what the task is trained on (``Task.check_training``).
        BadFiles: malformed lines, all of them.
    """
    find_files(task, data, split)
    found = _reader(task).read(find_folder(data, task), "en", split)
    if found.problems:
        names = ", ".join(dict.fromkeys(problem.file.name for problem in found.problems))
        raise BadFiles(f"{task.name}: {names} cannot be used", found.problems, "correct or replace the file")
    if split == "train" and found.gold is None:
        why = "its labels or answers are blanked, as in a test set"
        raise UserError(f"{found.files[0]} cannot be trained on", why, "replace it by the published training file")
    return task.check_training(found) if task.check_training and split == "train" else found


def _reader(task: Task) -> Reader:
    """What reads the files of a task."""
    if task.reader is None:
        raise UserError(f"{task.name} cannot be read", "it declares no reader", "choose another task")
    return task.reader


def _candidates(data: Path, task: Task) -> Iterator[Path]:
    """Folders that exist, best first. Beside a ``download`` folder its ``intermediate`` counts as well."""
    beside = [data.parent / "intermediate"] if data.name == "download" else []
    for place in (data / "intermediate", data / "download", data, *beside):
        for name in (task.name, *task.data_folders):
            folder = place / name
            if folder.is_dir():
                yield folder
    if data.name in (task.name, *task.data_folders):
        yield data
