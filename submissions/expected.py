"""What the data folder expects of predictions where gold is hidden: counts, words of each sentence, question ids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from submissions.files import languages_in
from submissions.rules import Expected
from tasks.base import Bitext, Format, SpanQuestion, Split, TaggedSentence, Task
from tasks.registry import Benchmark


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
            if task.reader is None or task.format is Format.PAIRS:
                continue
            files = task.reader.find(download / task.name, language, "test")
            split = task.reader.read(download / task.name, language, "test") if files else None
            if split is not None and not split.problems:
                found[task.name, language] = _expected(split, f"in {split.files[0].relative_to(download)}")
    return found


def _expected(split: Split, source: str) -> Expected:
    examples = split.examples
    if len(examples) == 1 and isinstance(examples[0], Bitext):
        return Expected(len(examples[0].queries), source, candidates=len(examples[0].candidates))
    sentences = [example for example in examples if isinstance(example, TaggedSentence)]
    questions = [example for example in examples if isinstance(example, SpanQuestion)]
    lengths = tuple(len(sentence.words) for sentence in sentences) if sentences else None
    ids = tuple(question.id for question in questions) if questions else None
    return Expected(len(examples), source, lengths=lengths, ids=ids)
