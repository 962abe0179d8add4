"""The training examples of a task that subsets are drawn from, as ``finetune`` reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xharness.tasks import subsets
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate.data import load
from xharness.tasks.intermediate.translations import all_translations
from xharness.tasks.registry import open_registry


@dataclass(frozen=True, kw_only=True)
class PoolOptions:
    """Which training examples; the fields are those of ``finetune``.

    Attributes:
        where: Only examples with this fact, such as ``round=R2``.
        translations: Files of machine-translated copies by language, which come behind the English examples.
        tasks_from: Python or TOML file that declares tasks of the user's own.
    """

    task: str
    data: Path
    where: str | None = None
    translations: Mapping[str, Path] = field(default_factory=dict)
    tasks_from: Path | None = None


@dataclass(frozen=True)
class Pool:
    """The examples, of the task's type."""

    task: Task
    examples: Sequence[Any]

    def stratum(self, example: Any) -> str:
        """What stays in proportion, such as the label; empty for types without one."""
        return self.task.type.stratum(example)


def read_pool(options: PoolOptions) -> Pool:
    """Read the examples.

    Raises:
        UserError: no such task, no data, no example with the fact.
        BadFiles: malformed lines, all of them.
    """
    task = open_registry(options.tasks_from).trainable(options.task)
    if task.reader is None:
        why = "it is text, which has no labelled examples to choose from"
        raise UserError(f"{task.name} has no subsets", why, "name another task")
    examples: Sequence[Any] = load(task, options.data, "train").examples
    if options.where:
        examples = subsets.where(examples, options.where)
    further = all_translations(task, options.translations)
    return Pool(task, [*examples, *(example for split in further for example in split.examples)])


def words(texts: Sequence[str]) -> list[int]:
    """How many words each text has: what stands between spaces."""
    return [len(text.split()) for text in texts]
