"""``xharness data perturb``: a data folder with texts changed on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli import complete
from xharness.cli.option_types import AsJson, DataOption, Labels, Langs, Limit, PerturbationSize, Quiet, TasksFrom
from xharness.cli.screen import put_json, say
from xharness.tables.table import Column, Table, TableCell, TableRow, number, words
from xharness.tables.terminal import render
from xharness.tasks.perturbations.policy import Punctuation, WhichTexts

if TYPE_CHECKING:
    from xharness.tasks.perturbed import PerturbedData

TREES = "Sentences that are parsed"


def perturb(
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Data folder that is made: download/, labels/, perturbation.json.")],
    by: Annotated[
        str,
        typer.Option(
            help="unigram, ngram, derangement, window, reversal; of trees: reordering, function-words, subject-object."
        ),
    ],
    tasks: Annotated[
        str, typer.Option(help="Tasks that classify texts, e.g. xnli,pawsx.", autocompletion=complete.task_names)
    ] = "xnli",
    langs: Langs = None,
    seed: Annotated[int | None, typer.Option(help="Draws the orders. Default: 0.")] = None,
    size: PerturbationSize = None,
    texts: Annotated[WhichTexts | None, typer.Option(help="Which texts of a pair. Default: both.")] = None,
    trees: Annotated[
        list[Path] | None, typer.Option(help="CoNLL-U of the sentences of the data. Repeat it.", rich_help_panel=TREES)
    ] = None,
    order_of: Annotated[
        list[Path] | None,
        typer.Option(
            help="reordering: treebank of the other language, e.g. hi_pud-ud-test.conllu. Repeat it.",
            rich_help_panel=TREES,
        ),
    ] = None,
    punctuation: Annotated[
        Punctuation | None,
        typer.Option(help="reordering: marks go to the edge of their phrase (usual), to its head, or away (drop).",
                     rich_help_panel=TREES),
    ] = None,
    labels: Labels = None,
    limit: Limit = None,
    tasks_from: TasksFrom = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a data folder whose texts are perturbed, for xharness evaluate; numbers on it say so in their signatures.

    Word orders are drawn, or follow another language's usual order (needs parsed sentences). Gold is kept, undefined or
    changed by rule, as perturbation.json tells. The table shows how far words moved: IDC, the mean distance as a share
    of the length; DND, the share of words with another right neighbour; Kendall's tau to the old order.

    Example: xharness data perturb --data data --by derangement --langs en,de --seed 1 --out data-deranged
    """
    from xharness.tasks.perturbing.folder import perturb as make
    from xharness.tasks.perturbing.options import PerturbOptions

    options = PerturbOptions(
        data=data, out=out, by=by, tasks=tasks, langs=langs, labels=labels, seed=seed, size=size, texts=texts,
        trees=tuple(trees or ()), order_of=tuple(order_of or ()), punctuation=punctuation, limit=limit,
        tasks_from=tasks_from,
    )  # fmt: skip
    made = make(options)
    if as_json:
        put_json(made.content())
    elif not quiet:
        _show(made, out)


def _show(made: PerturbedData, out: Path) -> None:
    """Numbers of each cell, and what to do next."""
    from xharness.cli.tables import print_whole

    print_whole(render(_table(made)))
    say(f"gold is {made.perturbation['gold']}; measures that follow: {', '.join(made.measures)}")
    say(f"{out}: evaluate it with --data {out} --tasks {','.join(made.cells)}")


def _table(made: PerturbedData) -> Table:
    names = {"examples": 0, "left_out": 0, "changed": 3, "removed": 3, "idc": 3, "dnd": 3, "tau": 3}
    headings = {"left_out": "left out", "idc": "IDC", "dnd": "DND"}
    columns = [Column("task"), Column("language"), *(Column(headings.get(name, name), numeric=True) for name in names)]
    rows = [
        TableRow([words(task), words(code), *(_cell(cell[name], digits) for name, digits in names.items())])
        for task, cells in made.cells.items()
        for code, cell in cells.items()
    ]
    return Table("perturbed", f"perturbed data: {made.name}", columns, rows)


def _cell(value: str | int | float, digits: int) -> TableCell:
    return number(float(value), digits) if digits else words(f"{value:,}")
