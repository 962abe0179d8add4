"""Is gold possible, by itself and for its examples? The same rules for every command that reads gold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xharness.tasks.base import Example, Gold, Task
from xharness.tasks.common.errors import Problem
from xharness.tasks.types.base import GoldFile, Parsed

BLANKED = (
    "all answers are empty or dummies: this is a test file as downloaded, not gold; "
    "give the folder with the true labels"
)


def gold_problems(
    task: Task, language: str, gold: Parsed[Gold], path: Path, examples: Sequence[Example] | None = None
) -> list[Problem]:
    """Everything that parsed gold cannot be, at lines of its file ``path``.

    Args:
        task: Gives the rules of its type, the labels, the number of choices, and how many candidates were published.
        language: Language of the cell.
        gold: What was read of the file.
        path: The file, for the problems.
        examples: What the gold is for; None where that is not at hand, as for a folder of labels alone.
    """
    if not gold.problems and (what := _no_gold(task, gold.answers)):
        return [Problem(path, 0, what)]
    published = task.published.get(language)
    file = GoldFile(gold, examples, task.name, task.labels, task.label_aliases, task.choices, published, task.aligned)
    return [Problem(path, line, what) for line, what in task.type.gold_problems(file)]


def _no_gold(task: Task, gold: Gold) -> str:
    """Why this is not gold as a whole: nothing in it, or the labels taken out as in XTREME's download."""
    if not task.type.gold_size(gold):
        return "holds no examples; a score needs at least one"
    return BLANKED if task.type.is_blanked(gold) else ""
