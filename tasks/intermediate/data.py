"""The English data that a task is trained on: where it lies, and one split of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xharness.tasks.base import Reader, Split, Task
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.readers.squad import TYDIQA_WORDS
from xharness.tasks.types.extractive_qa import SpanQuestion

SPLITS = ("train", "dev", "test")
TYDIQA_ENGLISH = 3696
"""English training questions of TyDiQA-GoldP; the file of all nine languages has 49,881."""


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
        UserError: there are none, or TyDiQA's training file holds other languages as well.
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
    return _only_english(found) if task.name == "tydiqa" and split == "train" else found


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


def _latin(text: str) -> bool:
    """Whether most letters of a text are Latin ones."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum("LATIN" in unicodedata.name(character, "") for character in letters) >= len(letters)


def _only_english(found: Split) -> Split:
    """TyDiQA's published training file has all languages; one that was not split makes transfer no longer zero-shot."""
    ids = [question.id for question in found.gold or ()]
    others = {word for word in TYDIQA_WORDS.values() if word != "english"}
    foreign = sum(name.partition("-")[0] in others for name in ids)
    if not foreign:  # ids that XTREME shortened do not say the language
        questions: Sequence[SpanQuestion] = found.examples
        foreign = sum(not _latin(question.question) for question in questions)
    if foreign or len(ids) > TYDIQA_ENGLISH:
        number = f"{foreign} of them in other languages" if foreign else f"English has {TYDIQA_ENGLISH}"
        raise UserError(
            f"{found.files[0]} is not the English part of TyDiQA",
            f"it holds {len(ids)} questions, {number}: a model trained on it has seen the target languages",
            "keep only questions whose published id begins with english-",
        )
    if len(ids) < TYDIQA_ENGLISH:
        note = f"{len(ids)} of the {TYDIQA_ENGLISH} English questions are there"
        return replace(found, notes=(*found.notes, note))
    return found
