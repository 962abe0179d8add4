"""What the data folder expects of predictions where gold is hidden: counts, words of each sentence, question ids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xharness.submissions.files import languages_in
from xharness.tasks.base import Task
from xharness.tasks.registry import Benchmark
from xharness.tasks.types.findings import Expected


def expected_of_data(data: Path, benchmark: Benchmark, tasks: Sequence[Task]) -> dict[tuple[str, str], Expected]:
    """What each cell's test examples expect, by (task, language), for those that the folder holds.

    Cells whose files are malformed are left out (``xharness data check`` is for those), and so is mining, where any
    number of answers is right.

    Args:
        data: Folder with ``download/`` in it, or a ``download/`` folder itself.
    """
    download = data / "download" if (data / "download").is_dir() else data
    found = {}
    for task in tasks:
        for language in languages_in(benchmark, task):
            if task.reader is None:
                continue
            files = task.reader.find(download / task.name, language, "test")
            split = task.reader.read(download / task.name, language, "test") if files else None
            if split is None or split.problems:
                continue
            source = f"in {split.files[0].relative_to(download)}"
            if (expected := task.type.expected_of_examples(split.examples, source)) is not None:
                found[task.name, language] = expected
    return found
