"""What tells what a model can do and enters no benchmark: generated test cases, texts of two languages together,
perturbed texts, and sets made against models."""

from __future__ import annotations

from xharness.tasks.adversarial import ADVERSARIAL
from xharness.tasks.base import Task
from xharness.tasks.diagnostics import mixed_languages, multichecklist
from xharness.tasks.discovery import tasks_in

_FIRST = tuple(task.name for task in (*multichecklist.TASKS, *mixed_languages.TASKS))

DIAGNOSTICS: dict[str, Task] = {**tasks_in(__name__, __path__, first=_FIRST), **ADVERSARIAL}
