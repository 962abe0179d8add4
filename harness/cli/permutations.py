"""``xharness permutations``: what a classifier answers when the words of its texts are in another order."""

from __future__ import annotations

from typing import Annotated

import typer

from xharness.cli import complete
from xharness.cli.diagnostics import carry_out, show
from xharness.cli.options import (
    DATA,
    AllowPickle,
    AsJson,
    BatchTokens,
    DataOption,
    Device,
    Labels,
    Model,
    Out,
    Overwrite,
    Precision,
    Quiet,
    split_names,
)


def permutations(
    model: Model,
    data: DataOption,
    out: Out,
    task: Annotated[str, typer.Option(help="xnli or pawsx.")] = "xnli",
    langs: Annotated[
        str | None,
        typer.Option(help="Languages, e.g. de,en. Default: all in the data.", autocompletion=complete.languages),
    ] = None,
    by: Annotated[str, typer.Option(help="unigram, ngram, derangement or window.")] = "derangement",
    size: Annotated[
        int | None, typer.Option(help="ngram: words that stay together (2). window: places that a word moves (3).")
    ] = None,
    number: Annotated[int, typer.Option("--permutations", help="Of each example, at most 100.")] = 10,
    seed: Annotated[int, typer.Option(help="Draws the orders.")] = 0,
    labels: Labels = None,
    limit: Annotated[int | None, typer.Option(help="First N examples of each cell only.", rich_help_panel=DATA)] = None,
    device: Device = "auto",
    precision: Precision = "auto",
    batch_tokens: BatchTokens = None,
    allow_pickle: AllowPickle = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Test a classifier on permutations of the words of XNLI or PAWS-X, beside the examples as they are.

    Gold of a permutation is undefined: a model that still gives the example's label accepts it. The table shows how
    often any permutation is accepted (Ω max), and more of them than by chance (Ω rand), the share accepted where the
    example itself is answered right (P correct) or wrong (P flip), and how much answers differ.

    Example: xharness permutations --model xnli/ --data data/ --langs en,de --permutations 10 --out runs/permutations
    """
    from xharness.diagnostics.permutations import PermutationOptions, measure, plans, summary, table
    from xharness.evaluation.options import EvaluateOptions

    options = EvaluateOptions(
        model=model, data=data, out=out, labels=labels, limit=limit, device=device, precision=precision,
        batch_tokens=batch_tokens, allow_pickle=allow_pickle, overwrite=overwrite,
    )  # fmt: skip
    chosen = split_names(langs) if langs is not None else None
    asked = PermutationOptions(task=task, langs=chosen, by=by, size=size, seed=seed, permutations=number)
    planned = plans(options, asked)
    results = [carry_out(plan, quiet or as_json) for plan in planned]
    found = measure(planned, asked)
    show(results[-1], table(found), found.as_json(), quiet, as_json, summary(found))
