"""``xharness permutations``: what a classifier answers when the words of its texts are in another order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli import complete
from xharness.cli.diagnostics import carry_out, show
from xharness.cli.option_types import (
    AsJson,
    ClassifiedTask,
    DataOption,
    Labels,
    Limit,
    Model,
    Out,
    PerturbationSize,
)
from xharness.cli.options import Execution, Fields, command, execution, progress, split_names

if TYPE_CHECKING:
    from xharness.diagnostics.permutations import PermutationOptions
    from xharness.evaluation.options import EvaluateOptions

HELP = """Test a classifier on permutations of the words of XNLI or PAWS-X, beside the examples as they are.

Gold of a permutation is undefined: a model that still gives the example's label accepts it. The table shows how often
any permutation is accepted (Ω max), and more of them than by chance (Ω rand), the share accepted where the example
itself is answered right (P correct) or wrong (P flip), and how much answers differ.

Example: xharness permutations --model xnli/ --data data/ --langs en,de --permutations 10 --out runs/permutations
"""


def permutation_options(
    model: Model,
    data: DataOption,
    out: Out,
    task: ClassifiedTask = "xnli",
    langs: Annotated[
        str | None,
        typer.Option(help="Languages, e.g. de,en. Default: all in the data.", autocompletion=complete.languages),
    ] = None,
    by: Annotated[str, typer.Option(help="unigram, ngram, derangement or window.")] = "derangement",
    size: PerturbationSize = None,
    permutations: Annotated[int, typer.Option(help="Of each example, at most 100.")] = 10,
    seed: Annotated[int, typer.Option(help="Draws the orders.")] = 0,
    labels: Labels = None,
    limit: Limit = None,
    as_json: AsJson = False,
) -> Fields:
    """What is permuted, and how it is shown."""
    return dict(locals())


def _permutations(
    *, model: Path, data: Path, out: Path, task: str, langs: str | None, by: str, size: int | None, permutations: int,
    seed: int, labels: Path | None, limit: int | None, execution: Execution, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    from xharness.diagnostics.permutations import PermutationOptions
    from xharness.evaluation.options import EvaluateOptions

    options = EvaluateOptions(model=model, data=data, out=out, labels=labels, limit=limit, **execution)
    chosen = split_names(langs) if langs is not None else None
    asked = PermutationOptions(task=task, langs=chosen, by=by, size=size, seed=seed, permutations=permutations)
    _run(options, asked, quiet, as_json)


def _run(options: EvaluateOptions, asked: PermutationOptions, quiet: bool, as_json: bool) -> None:
    """Evaluate language by language, then measure."""
    from xharness.diagnostics.permutations import measure, plans, summary, table

    planned = plans(options, asked)
    results = [carry_out(plan, quiet or as_json) for plan in planned]
    found = measure(planned, asked)
    show(results[-1], table(found), found.as_json(), quiet, as_json, summary(found))


permutations = command(
    lambda fields: _permutations(**fields), permutation_options, execution, progress, name="permutations", text=HELP
)
