"""Published averages, told only where they can be compared with a score: the same languages, and whole test sets."""

from __future__ import annotations

from xharness.submissions.files import languages_in
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.signature import Signature
from xharness.tasks.base import Task
from xharness.tasks.perturbed import PART as PERTURBATION
from xharness.tasks.registry import BENCHMARKS

REFERENCE = "XLM-R Large"


def published_average(scores: ScoresFile, task: Task | None) -> float | None:
    """The published average of a task, in percent.

    Returns:
        None where nothing is published, or the score beside it is over other languages or other test data: a part of
        them, perturbed ones, or those of a made-up world.
    """
    if task is None or REFERENCE not in task.reference or not _has_its_languages(scores, task):
        return None
    perturbed = any(Signature.parse(cell.signature)[PERTURBATION] for cell in scores.cells[task.name].values())
    return None if perturbed or is_of_other_size(scores, task) else task.reference[REFERENCE]


def is_of_other_size(scores: ScoresFile, task: Task) -> bool:
    """Whether the test set of a language is not of the published size, where that is known."""
    sizes = {language: cell.n for language, cell in scores.cells.get(task.name, {}).items()}
    known = ((sizes[language], number) for language, number in task.published.items() if language in sizes)
    return not all(task.type.is_published_size(items, published) for items, published in known)


def _has_its_languages(scores: ScoresFile, task: Task) -> bool:
    """Every language that the published average is over has a score here, and no other counts."""
    summary = scores.tasks.get(task.name)
    same = languages_in(BENCHMARKS[scores.benchmark], task) == task.languages
    return same and summary is not None and summary.complete
