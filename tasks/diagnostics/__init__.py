"""What tells what a model can do and enters no benchmark: generated test cases, and texts of two languages together."""

from __future__ import annotations

from xharness.tasks.base import Task
from xharness.tasks.diagnostics import mixed_languages, multichecklist

DIAGNOSTICS: dict[str, Task] = {task.name: task for task in (*multichecklist.TASKS, *mixed_languages.TASKS)}
