"""What models are trained on: the intermediate tasks, and the tasks of XTREME that have English training data."""

from __future__ import annotations

from tasks import panx, pawsx, tydiqa, udpos, xcopa, xnli
from tasks.base import Task
from tasks.errors import UserError, suggestion
from tasks.intermediate import (
    anli_plus,
    ccg,
    commonsenseqa,
    copa,
    cosmosqa,
    hellaswag,
    mlm,
    mnli,
    paws,
    qqp,
    socialiqa,
    squad_v1,
    squad_v2,
    ud_dependency,
)

PAPER = tuple(
    module.TASK
    for module in (anli_plus, mnli, qqp, squad_v2, squad_v1, hellaswag, ccg, cosmosqa, commonsenseqa)
)  # fmt: skip
"""The nine intermediate tasks of Phang et al. 2020."""

INTERMEDIATE: dict[str, Task] = {
    task.name: task for task in (*PAPER, socialiqa.TASK, copa.TASK, paws.TASK, ud_dependency.TASK, mlm.TASK)
}

TARGETS: dict[str, Task] = {
    **{module.TASK.name: module.TASK for module in (xnli, pawsx, udpos, panx)},
    "xquad": squad_v1.TASK,
    "mlqa": squad_v1.TASK,
    "tydiqa": tydiqa.TASK,
    "xcopa": xcopa.TASK,
}
"""What a model for each target trains on: XQuAD and MLQA share SQuAD 1.1, XCOPA's English is COPA."""


def trainable(name: str) -> Task:
    """The task whose English training set a model for ``name`` is trained on.

    Raises:
        UserError: no intermediate task or target has this name; with a suggestion.
    """
    known = {**TARGETS, **INTERMEDIATE}
    if name not in known:
        why = "models train on the intermediate tasks and on the English data of the targets"
        raise UserError(f"no task '{name}' to train on", why, suggestion(name, known))
    return known[name]
