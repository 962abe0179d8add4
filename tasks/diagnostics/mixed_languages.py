"""XNLI and PAWS-X with the two texts of a pair in different languages, out of their parallel test sets.

A cell is named after its two languages: in ``de-sw`` of XNLI the premise is German and the hypothesis Swahili. Huang et
al. 2021 (Improving Zero-Shot Cross-Lingual Transfer Learning via Robust Training, EMNLP) call this the generalised
setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xharness.tasks import pawsx, xnli
from xharness.tasks.base import DIAGNOSTICS, Task
from xharness.tasks.types.text_classification import SentencePair

JOINT, SUFFIX = "-", "-mixed"


@dataclass(frozen=True)
class TwoLanguages:
    """The first text of a row of one language, and the second text of the same row of another."""

    task: Task

    def parts(self, language: str) -> tuple[tuple[Task, str], ...]:
        """The cells of both languages."""
        return tuple((self.task, each) for each in language.split(JOINT))

    def join(self, parts: Sequence[Sequence[SentencePair]]) -> list[SentencePair]:
        """Pairs with the label of the first language."""
        first, second = parts
        return [replace(one, second=other.second) for one, other in zip(first, second, strict=True)]


def pair_names(languages: Sequence[str]) -> tuple[str, ...]:
    """The names of all pairs of some languages, each with itself included."""
    return tuple(f"{first}{JOINT}{second}" for first in languages for second in languages)


def _mixed(task: Task) -> Task:
    return replace(
        task,
        demo="",
        name=task.name + SUFFIX,
        title=f"{task.title}, the two texts in different languages",
        group=DIAGNOSTICS,
        languages=pair_names(task.languages),
        combination=TwoLanguages(task),
        published={},
        recipe=None,
        jiant=None,
        reference={},
        reference_source="",
        data_of=(task.name,),
    )


TASKS = (_mixed(xnli.TASK), _mixed(pawsx.TASK))
