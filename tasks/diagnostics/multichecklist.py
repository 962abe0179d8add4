"""MultiCheckList: six tests of extractive QA in 50 languages, generated from translated templates.

The task's score is the share of cases that are passed; the published tables show its complement, the error rate.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from xharness.tasks.base import DIAGNOSTICS, Task
from xharness.tasks.diagnostics.reader import FOLDER, TESTS, MultiCheckListReader, Test
from xharness.tasks.metrics.cases import PassedCases
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA

LANGUAGES = (
    "af", "ar", "az", "bg", "bn", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "gu", "ha", "he", "hi", "ht",
    "hu", "id", "it", "ja", "jv", "ka", "kk", "ko", "lt", "ml", "mr", "ms", "my", "nl", "pa", "pl", "pt", "qu", "ru",
    "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "wo", "yo", "zh",
)  # fmt: skip
"""Those of the published file's header: Hausa is there, and Romanian, which its description names, is not."""


def _task(test: Test) -> Task:
    return Task(
        name=f"{FOLDER}-{test.name}",
        title=f"MultiCheckList: {test.title}",
        type=EXTRACTIVE_QA,
        group=DIAGNOSTICS,
        languages=LANGUAGES,
        metric=PassedCases(),
        reader=MultiCheckListReader(test),
        signature={"cases": str(MultiCheckListReader.cases), "seed": str(MultiCheckListReader.seed)},
        parallel=True,
        max_length=384,
        suite_folders=("squad", "squad_v1", "xquad", "mlqa", "tydiqa"),
        sample=("Who is older? / A is older than B.", '{"0-0-0": "A"}'),
        citation="Ruder et al. 2021, XTREME-R: Towards More Challenging and Nuanced Multilingual Evaluation, EMNLP",
        licence="Apache-2.0",
        source="https://github.com/google-research/xtreme/tree/master/multichecklist",
    )


TASKS = tuple(map(_task, TESTS))


def tasks_of(templates: Path, cases: int, seed: int) -> list[Task]:
    """The six tasks, made from a file of the user's choice."""
    readers = (MultiCheckListReader(test, cases, seed, templates) for test in TESTS)
    drawn = {"cases": str(cases), "seed": str(seed)}
    return [replace(task, reader=reader, signature=drawn) for task, reader in zip(TASKS, readers, strict=True)]
