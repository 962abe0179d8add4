"""What is wrong with gold."""

from collections.abc import Sequence
from pathlib import Path

from tests.tasks.readers.made_up import write
from xharness.tasks.base import Example, Task
from xharness.tasks.gold import gold_problems


def differences(tmp_path: Path, task: Task, examples: Sequence[Example] | None, text: str) -> list[tuple[int, str]]:
    path = write(tmp_path / "gold", text)
    found = gold_problems(task, "de", task.type.parse_gold(path), path, examples)
    return [(problem.line, problem.what) for problem in found]
