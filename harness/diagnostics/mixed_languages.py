"""XNLI and PAWS-X with two languages in one pair: what is evaluated.

The run is an ordinary one of the task ``xnli-mixed`` or ``pawsx-mixed``, whose cells are named after both languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xharness.diagnostics.matrix import ORDER
from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.prepare import Prepared, prepare
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.data import DataFolder
from xharness.tasks.diagnostics.mixed_languages import SUFFIX, pair_names
from xharness.tasks.registry import Registry


def plan(options: EvaluateOptions, base: str, langs: Sequence[str] | None) -> Prepared:
    """Check everything before a model is loaded.

    Args:
        options: Its tasks and languages are not looked at.
        base: ``xnli`` or ``pawsx``.
        langs: Languages of which all pairs are evaluated; None for all that the data hold.

    Raises:
        UserError: naming what is wrong.
    """
    if base not in ORDER:
        raise UserError(f"no task '{base}' of two languages", "its test sets must be parallel", suggestion(base, ORDER))
    registry = Registry()
    task = registry.tasks[base]
    for language in langs or ():
        if language not in task.languages:
            raise UserError(
                f"unknown language '{language}'", f"{base} has others", suggestion(language, task.languages)
            )
    data = DataFolder.open(options.data, options.labels, names=registry.tasks)
    there = data.languages(task)
    if absent := [language for language in langs or () if language not in there]:
        why = f"{data.download / base} has {', '.join(there) or 'no test file'}"
        raise UserError(f"no data of {base} in {', '.join(absent)}", why, "add the files, or choose from these")
    chosen = [language for language in there if langs is None or language in langs]
    if len(chosen) < 2:
        why = f"{', '.join(chosen) or 'no language'} of {base}"
        raise UserError("a mixture needs two languages", f"there is {why}", "name two or more with --langs")
    options = replace(options, tasks=base + SUFFIX, langs=",".join(pair_names(chosen)))
    return prepare(options, registry=registry, data=data)
