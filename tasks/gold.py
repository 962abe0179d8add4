"""Gold of a cell: where it comes from, and whether it is possible, by itself and for its examples.

The rules are the same for every command that reads gold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import Example, Gold, Split, Task
from xharness.tasks.common.errors import Problem
from xharness.tasks.common.text import plural
from xharness.tasks.types.base import GoldFile, Parsed

WITH_EXAMPLES = "with the examples"
"""``CellGold.source`` where gold comes from the examples' own files."""

BLANKED = (
    "all answers are empty or dummies: this is a test file as downloaded, not gold; "
    "give the folder with the true labels"
)


@dataclass(frozen=True)
class CellGold:
    """Gold of one cell.

    Attributes:
        answers: As the task's type has them; None where there is none.
        source: Path of the labels file, :data:`WITH_EXAMPLES`, or empty.
    """

    answers: Gold | None
    source: str
    problems: Sequence[Problem] = ()
    notes: Sequence[str] = ()


def gold_of_labels(task: Task, language: str, found: Split, path: Path) -> CellGold:
    """Gold of a labels file, which counts also where the examples' own files have some."""
    parsed, notes = _parse(task, path), []
    # After a malformed line there may be fewer sentences or questions; only lines keep their places.
    fitting = found.examples if not found.problems or task.type.in_order else None
    problems = [*parsed.problems, *gold_problems(task, language, parsed, path, fitting)]
    if parsed.empty:
        notes.append(f"{path.name}: {plural(parsed.empty, 'empty sentence')} left out (blank lines in a row)")
    if found.gold is not None and not task.type.is_same_gold(found.gold, parsed.answers):
        notes.append(f"the gold in {path.name} differs from that {WITH_EXAMPLES}; {path.name} counts")
    return CellGold(parsed.answers, str(path), problems, notes)


def gold_of_examples(task: Task, language: str, found: Split) -> CellGold:
    """Gold that the examples' own files carry, if they do; readers of the user's own may not have checked it."""
    if found.gold is None:
        return CellGold(None, "")
    if found.problems or task.unanswerable:
        return CellGold(found.gold, WITH_EXAMPLES)
    parsed = Parsed(found.gold, (0,) * task.type.gold_size(found.gold))
    problems = gold_problems(task, language, parsed, found.files[0], found.examples)
    return CellGold(found.gold, WITH_EXAMPLES, problems)


def _parse(task: Task, path: Path) -> Parsed[Gold]:
    """Gold of a labels file; one that cannot be opened is a problem as well."""
    try:
        return task.type.parse_gold(path)
    except OSError as error:
        return Parsed([], (), (Problem(path, 0, f"cannot be read: {error.strerror or error}"),))


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
