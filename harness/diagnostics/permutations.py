"""Examples beside many permutations of their words: what is evaluated, and the measures as a table.

The run is an ordinary one of the task ``xnli-permuted`` or ``pawsx-permuted``, whose cells are named after language and
number; the same command continues it, and more permutations are more cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xharness.diagnostics.matrix import Effect
from xharness.diagnostics.permuted_answers import PERCENT, PermutedAnswers
from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.prepare import Prepared, prepare
from xharness.runs.folder import RunFolder
from xharness.submissions.score_parts import listed_interval
from xharness.submissions.signature import Signature
from xharness.tables.table import Column, Table, TableCell, TableRow, bounds, number, words
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.data import DataFolder
from xharness.tasks.diagnostics.permuted import BASES, JOINT, MOST, DrawnOrders, cell_names, permuted
from xharness.tasks.perturbations.catalogue import WORD_ORDER
from xharness.tasks.perturbed import PART
from xharness.tasks.registry import Registry

HEADINGS = {
    "original": "accuracy",
    "omega_max": "Ω max",
    "omega_rand": "Ω rand",
    "p_correct": "P correct",
    "p_flip": "P flip",
    "consistency": "consistency",
    "entropy": "entropy",
}


@dataclass(frozen=True, kw_only=True)
class PermutationOptions:
    """What is permuted.

    Attributes:
        task: ``xnli`` or ``pawsx``.
        langs: None for all in the data.
        by: A word order.
        size: Of runs or windows; None for the usual.
        permutations: Of each example.
    """

    task: str = "xnli"
    langs: Sequence[str] | None = None
    by: str = "derangement"
    size: int | None = None
    seed: int = 0
    permutations: int = 10

    def drawn(self) -> DrawnOrders:
        """How orders are drawn.

        Raises:
            UserError: a name, a size or a number that cannot be.
        """
        known = [name for name, each in WORD_ORDER.items() if each.drawn]
        if self.task not in BASES:
            raise UserError(f"cannot permute '{self.task}'", "not its texts", suggestion(self.task, BASES))
        if self.by not in known:
            why = "orders are drawn anew for each permutation"
            raise UserError(f"no permutations by '{self.by}'", why, suggestion(self.by, known))
        order = WORD_ORDER[self.by]
        if self.size is not None and (not order.size or self.size < 1):
            why = f"{self.by} does not read it" if not order.size else "nothing can be done with that"
            raise UserError(f"--size {self.size} with --by {self.by}", why, "leave --size out, or give another")
        if not 1 <= self.permutations <= MOST:
            why = f"each example has from 1 to {MOST}"
            raise UserError(f"--permutations is {self.permutations}", why, "give a number in these bounds")
        return DrawnOrders(self.by, self.size or order.size, self.seed)


def plans(options: EvaluateOptions, asked: PermutationOptions) -> list[Prepared]:
    """One plan a language, so that no more than one language's permutations are in memory.

    Args:
        options: Its tasks and languages are not looked at.

    Raises:
        UserError: naming what is wrong, before a model is loaded.
    """
    registry, drawn = Registry(), asked.drawn()
    task = permuted(registry.tasks[asked.task], drawn)
    registry.tasks[task.name] = task
    data = DataFolder.open(options.data, options.labels, names=registry.tasks)
    if data.perturbed:
        raise UserError(f"{options.data} is perturbed already", data.perturbed.name, "start from the plain data")
    languages = _languages(asked, data, registry.tasks[asked.task])
    return [
        prepare(
            replace(options, tasks=task.name, langs=",".join(cell_names([language], asked.permutations))),
            registry=registry, data=data,
        )
        for language in languages
    ]  # fmt: skip


def _languages(asked: PermutationOptions, data: DataFolder, task: Task) -> list[str]:
    there = data.languages(task)
    wanted = list(asked.langs) if asked.langs is not None else there
    absent = [language for language in wanted if language not in there]
    if absent or not wanted:
        why = f"{data.download / task.name} has {', '.join(there) or 'no test file'}"
        raise UserError(f"no data of {task.name} in {', '.join(absent) or 'any language'}", why, "choose others")
    return wanted


@dataclass(frozen=True)
class PermutationMeasures:
    """Measures by language.

    Attributes:
        signature: What produced them, the number of permutations included: one of the measures grows with it.
        languages: By language and measure; None where no item counts.
        items: Number of examples by language.
    """

    task: str
    signature: str
    languages: Mapping[str, Mapping[str, Effect | None]]
    items: Mapping[str, int]

    def as_json(self) -> JsonObject:
        """What ``--json`` prints."""
        found: dict[str, Json] = {
            language: {"items": self.items[language], **{name: _json(each) for name, each in measures.items()}}
            for language, measures in self.languages.items()
        }
        return {"task": self.task, "signature": self.signature, "languages": found}


def measure(prepared: Sequence[Prepared], asked: PermutationOptions) -> PermutationMeasures:
    """From a finished run.

    Args:
        prepared: What :func:`plans` gave, carried out.

    Raises:
        UserError: there is no gold.
    """
    found, items = {}, {}
    for plan in prepared:
        fitting = plan.compatible[0]
        names = plan.languages[fitting.task.name]
        language = names[0].rpartition(JOINT)[0]
        answers = [_answers(plan.folder, fitting.task, name) for name in names]
        gold = plan.data.load(fitting.task, names[0], limit=plan.options.limit).gold
        if not isinstance(gold, list):
            why = "without it nothing can be said of permutations"
            raise UserError(f"no gold of {asked.task} in '{language}'", why, "name its folder with --labels")
        made = PermutedAnswers(np.array(gold), np.array(answers[0]), np.array(answers[1:]).T, len(fitting.task.labels))
        found[language], items[language] = made.measures(resamples=plan.options.resamples), len(gold)
    parts = {"permutations": str(asked.permutations), PART: str(asked.drawn())}
    return PermutationMeasures(asked.task, str(Signature.of(**parts)), found, items)


def _answers(run: RunFolder, task: Task, name: str) -> list[str]:
    found = task.type.parse_answers(run.prediction_path(task.name, task.file_name(name))).answers
    return list(map(str, found))


def table(found: PermutationMeasures) -> Table:
    """A row a language, a column a measure."""
    columns = [Column("language"), *(Column(heading, True) for heading in HEADINGS.values())]
    rows = [
        TableRow([words(language), *(_cell(name, measures[name]) for name in HEADINGS)])
        for language, measures in found.languages.items()
    ]
    caption = f"{found.task}: answers to permutations, in percent (entropy in bits), with 95 % intervals"
    return Table(f"permutations-{found.task}", caption, columns, rows)


def summary(found: PermutationMeasures) -> list[str]:
    """What the table cannot tell."""
    return [found.signature, "Ω max grows with the number of permutations: compare equal numbers only"]


def _cell(name: str, effect: Effect | None) -> TableCell:
    digits = 1 if name in PERCENT else 2
    return number(None) if effect is None else number(effect.value, digits, detail=bounds(effect.interval))


def _json(effect: Effect | None) -> Json:
    return None if effect is None else {"value": effect.value, "interval": listed_interval(effect.interval)}
