"""One cell after a perturbation: its examples, its gold, and how far it is from the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from xharness.tasks.base import Task
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.common.text import plural, shortened
from xharness.tasks.data import CellData
from xharness.tasks.perturbations.displacement import mean_displacement
from xharness.tasks.perturbations.pairs import ChangedPair, change_pairs
from xharness.tasks.perturbations.policy import LabelPolicy
from xharness.tasks.perturbed import CellFact
from xharness.tasks.perturbing.method import Method
from xharness.tasks.types.text_classification import SentencePair

ENTAILED, NOT_ENTAILED = "entailment", "non-entailment"


@dataclass(frozen=True)
class PerturbedCell:
    """What is written of one task in one language.

    Attributes:
        task: The task whose files these are; where gold changes by a rule, that of two labels.
        gold: None where the data have none.
        facts: Numbers of the cell, by name.
    """

    task: Task
    language: str
    examples: Sequence[SentencePair]
    gold: Sequence[str] | None
    facts: Mapping[str, CellFact]


def perturbed_cell(data: CellData, task: Task, method: Method) -> PerturbedCell:
    """Perturb a cell.

    Args:
        data: The plain cell.
        task: The task that the result is a cell of.

    Raises:
        BadFiles: the plain cell has malformed lines.
        UserError: texts without a tree, gold that is needed and not there, or nothing is left.
    """
    if data.problems:
        raise BadFiles(f"{data.task.name} in '{data.language}' cannot be read", data.problems, "fix the files")
    pairs = cast("Sequence[SentencePair]", data.examples)  # of a type that has texts
    gold = list(map(str, data.gold)) if isinstance(data.gold, list) else None
    rows = _rows(data, pairs, gold, method.policy)
    _refuse_uncovered(data, [pair for pair, _ in rows], method)
    changed = change_pairs(
        [pair for pair, _ in rows], lambda text, random: method.change(text, data.language, random), method.texts,
        method.seed,
    )  # fmt: skip
    kept = [(found, label) for found, (_, label) in zip(changed, rows, strict=True) if found is not None]
    if not kept:
        why = f"none of {plural(len(pairs), 'example')} can be changed like that"
        raise UserError(
            f"nothing is left of {data.task.name} in '{data.language}'",
            why,
            "leave it out of --langs, or choose another --by",
        )
    facts = {**_facts([found for found, _ in kept]), "left_out": len(pairs) - len(kept), "source": data.sha}
    examples = [replace(found.pair, label=None) for found, _ in kept]
    labels = [label for _, label in kept if label is not None]
    return PerturbedCell(task, data.language, examples, labels or None, facts)


def _rows(
    data: CellData, pairs: Sequence[SentencePair], gold: Sequence[str] | None, policy: LabelPolicy
) -> list[tuple[SentencePair, str | None]]:
    """Examples with the label they have afterwards; under a rule only those that it is about."""
    if policy is not LabelPolicy.BY_RULE:
        return [(pair, gold[place] if gold else None) for place, pair in enumerate(pairs)]
    if gold is None:
        why = f"only examples of the label {ENTAILED} are changed, and there is no gold"
        fix = f"name its folder with --labels, with {data.task.name}/ in it"
        raise UserError(f"no gold of {data.task.name} in '{data.language}'", why, fix)
    return [(pair, NOT_ENTAILED) for pair, label in zip(pairs, gold, strict=True) if label == ENTAILED]


def _refuse_uncovered(data: CellData, pairs: Sequence[SentencePair], method: Method) -> None:
    """Refuse texts that nothing is known about: without them the numbers would be of other examples."""
    texts = [text for pair in pairs for name in ("first", "second") if (text := _text(pair, name, method))]
    if missing := method.uncovered(texts):
        raise UserError(
            f"{plural(len(missing), 'text')} of {len(texts):,} of {data.task.name} in '{data.language}' without trees",
            f"the first is: {shortened(missing[0], 80)}",
            "parse these sentences too and name the file with --trees; --limit takes the first examples only",
        )


def _text(pair: SentencePair, name: str, method: Method) -> str | None:
    found: str | None = getattr(pair, name) if method.texts in ("both", name) else None
    return found


def _facts(pairs: Sequence[ChangedPair]) -> dict[str, CellFact]:
    """Numbers of a cell; displacements are means over texts of two words or more."""
    texts = [text for pair in pairs for text in pair.texts]
    moved = mean_displacement([text.order for text in texts])
    words, left = sum(text.words for text in texts), sum(len(text.order) for text in texts)
    return {
        "examples": len(pairs),
        "texts": len(texts),
        "changed": sum(list(text.order) != list(range(text.words)) for text in texts) / len(texts),
        "removed": 1 - left / words if words else 0.0,
        "idc": moved.index,
        "dnd": moved.neighbours,
        "tau": moved.tau,
    }
