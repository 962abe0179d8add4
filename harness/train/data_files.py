"""Which files a phase reads, and their hashes: what its data are, known without reading an example."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.files import FileHashes
from xharness.tasks.intermediate import mlm
from xharness.tasks.intermediate.data import find_files, find_folder
from xharness.tasks.readers.text import text_files
from xharness.tasks.registry import languages_of
from xharness.train.options import ALL_DEV, FinetuneOptions


@dataclass(frozen=True)
class DataFiles:
    """The files of one member of a phase.

    Attributes:
        train: Of the training examples, translations included.
        train_hash: Of their content.
        dev: Hashes of the files of dev, by language.
        has_tests_in_dev: Whether test items of another task are left out of dev.
    """

    train: tuple[Path, ...]
    train_hash: str
    dev: Mapping[str, str]
    has_tests_in_dev: bool = False


def files_of(task: Task, answered: Task, options: FinetuneOptions, hashes: FileHashes) -> DataFiles:
    """The files of a task with labelled examples.

    Args:
        answered: What the model is for; its own dev sets come first where dev of all languages is wanted.

    Raises:
        UserError: there is no training data, or no file of translations where one was named.
    """
    if missing := [str(file) for file in options.translations.values() if not file.is_file()]:
        raise UserError(f"no translations at {', '.join(missing)}", "there is no such file", "check the path")
    train = (*find_files(task, options.data, "train"), *options.translations.values())
    tasks = [task] if answered.name == task.name else [answered, task]
    found = _dev_of_all(tasks, options.data) if options.select_on == ALL_DEV else {}
    found |= {"en": files} if (files := _dev(task, options.data, "en")) else {}
    dev = {language: _joined(hashes.sha256(files), task) for language, files in sorted(found.items())}
    return DataFiles(train, hashes.sha256(train), dev, bool(task.overlaps))


def text_of(options: FinetuneOptions) -> dict[str, Path]:
    """The file of text of each language for masked language modelling, by member of the mixture, such as ``mlm-de``.

    Raises:
        UserError: no text, or none in a language that was asked for.
    """
    found = text_files(options.data)
    wanted = [part.strip() for part in options.mlm_langs.split(",")] if options.mlm_langs else list(found)
    for language in wanted:
        if language not in found:
            raise UserError(f"no text in '{language}'", f"there is {', '.join(found)}", suggestion(language, found))
    return {f"{mlm.TASK.name}-{language}": found[language] for language in wanted}


def _dev_of_all(tasks: Iterable[Task], data: Path) -> dict[str, tuple[Path, ...]]:
    """Files of dev by language, those of every task: which of them have labels is not known before they are read."""
    found: dict[str, tuple[Path, ...]] = {}
    for task in tasks:
        for language in languages_of(task):
            if files := _dev(task, data, language):
                found[language] = (*found.get(language, ()), *files)
    return found


def _dev(task: Task, data: Path, language: str) -> tuple[Path, ...]:
    """The files of dev in one language; empty if there are none."""
    try:
        folder = find_folder(data, task)
    except UserError:  # no folder of this task
        return ()
    return task.reader.find(folder, language, "dev") if task.reader else ()


def _joined(digest: str, task: Task) -> str:
    """The hash of a dev set, and of what is left out of it because it is the test of another task."""
    if not task.overlaps:
        return digest
    left_out = sorted(print_ for overlap in task.overlaps for print_ in overlap.fingerprints)
    return hashlib.sha256("\0".join([digest, *left_out]).encode()).hexdigest()
