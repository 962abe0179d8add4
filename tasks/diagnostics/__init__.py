"""What tells what a model can do and enters no benchmark: generated test cases, texts of two languages together,
perturbed texts, sets made against models, and sets of single domains."""

from __future__ import annotations

from xharness.tasks.adversarial import ADVERSARIAL
from xharness.tasks.base import Task
from xharness.tasks.diagnostics import mixed_languages, multichecklist, permuted
from xharness.tasks.discovery import tasks_in
from xharness.tasks.shifted import SHIFTED

_FIRST = tuple(task.name for task in (*multichecklist.TASKS, *mixed_languages.TASKS))

DIAGNOSTICS: dict[str, Task] = {**tasks_in(__name__, __path__, first=_FIRST), **ADVERSARIAL, **SHIFTED}

TOGETHER = tuple(name for name in DIAGNOSTICS if name not in {task.name for task in permuted.TASKS})
"""Those that the group's name stands for: a hundred permutations are asked for by ``xharness permutations``."""
