"""``xharness benchmark``: the whole chain, from a pretrained encoder to a packed submission."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xharness.cli import complete, evaluate, submission
from xharness.cli.option_types import (
    CHECKS,
    SPEED,
    DataSeed,
    Negatives,
    RecipeName,
    SaveEvery,
    TasksFrom,
    Track,
    TrainData,
    TrainDevice,
    TrainFolder,
    TrainPrecision,
    Version,
    VersionOption,
)
from xharness.cli.options import split_names, task_list
from xharness.cli.progress_screen import progress_shown
from xharness.cli.resumable import resumable
from xharness.cli.screen import say
from xharness.submissions.zero_shot import LEGEND, SIGN
from xharness.tables.table import Column, Table, TableRow, words
from xharness.tables.terminal import render

if TYPE_CHECKING:
    from rich.console import RenderableType

    from xharness.evaluation.evaluate import Result
    from xharness.studies.chain_options import ChainOptions

HASH = re.compile("-(?=[0-9a-f]{8}( |$))")  # before the hash at the end of a chain's name


def benchmark(
    model: Annotated[
        Path, typer.Option(help="Pretrained encoder, a folder or a fetched id, that the chain starts from.")
    ],
    data: TrainFolder,
    out: Annotated[Path, typer.Option(help="Phases, runs and submissions. The same command continues.")],
    version: VersionOption = Version.XTREME,
    intermediate: Annotated[
        str | None,
        typer.Option(
            help="Intermediate tasks, e.g. squad_v1 or mnli,squad_v1. Default: none.",
            autocompletion=complete.trainable_names,
        ),
    ] = None,
    targets: Annotated[
        str | None, typer.Option(help="Targets to train, e.g. xnli,xcopa. Default: all of the benchmark.")
    ] = None,
    recipe: RecipeName = "reference",
    recipe_file: Annotated[Path | None, typer.Option(help="TOML file; a table a task.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Change one value in every phase: batch_size=16.", autocompletion=complete.recipe_fields
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the training of every phase. Default: the recipes'.")
    ] = None,
    negatives: Negatives = None,
    data_seed: DataSeed = None,
    train_data: TrainData = None,
    tasks_from: TasksFrom = None,
    layer: Annotated[
        str, typer.Option(help="Block for retrieval, on the checkpoint before the targets.")
    ] = "reference",
    device: TrainDevice = "auto",
    jobs: Annotated[
        int, typer.Option(help="Targets to train at the same time, with --device cpu.", rich_help_panel=SPEED)
    ] = 1,
    precision: TrainPrecision = "auto",
    save_every: SaveEvery = 500,
    track: Track = None,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Pack a submission with missing files.", rich_help_panel=CHECKS)
    ] = False,
) -> None:
    """Train intermediate task and targets, evaluate all tasks of the benchmark, and pack the submission.

    Phases are shared: another intermediate task trains only what differs, and every comparable chain that is finished
    in OUT stands in the last table.

    Example: xharness benchmark --model xlmr/ --intermediate squad_v1 --data data/ --out runs/stilts
    """
    from xharness.studies.chain_options import ChainOptions
    from xharness.train.options import FinetuneOptions

    train = FinetuneOptions(
        model=model,
        tasks=task_list(intermediate, tasks_from),
        data=train_data or data,
        out=out,
        recipe=recipe,
        overrides=recipe_file,
        sets=set_ or (),
        seed=seed,
        negatives=negatives,
        tasks_from=tasks_from,
        device=device,
        precision=precision,
        save_every=save_every,
        track=split_names(track),
    )
    if data_seed is not None:
        train = replace(train, data_seed=data_seed)
    named = task_list(targets, tasks_from)
    options = ChainOptions(train=train, named=named, evaluation=data, layer=layer, version=version.value, jobs=jobs)
    _run(options, allow_incomplete)


def _run(options: ChainOptions, allow_incomplete: bool) -> None:
    """Run the chain, show it, compare it with the others in the folder, and pack it."""
    from xharness.evaluation.reporter import Reporter
    from xharness.studies.chain import run_chain
    from xharness.train.launching import is_main

    options.check()
    out, began = options.train.out, time.time()
    with resumable(out), progress_shown() if is_main() else nullcontext(Reporter()) as reporter:
        result = run_chain(options, reporter)
    if result is None:  # of the other processes
        return
    evaluate.show(result)
    _show_phases(result, out, began)
    _show_chains(out, result.prepared.folder.path.name)
    _pack(result, options, allow_incomplete)
    say(f"next: {shlex.join(['xharness', 'report', str(result.prepared.folder.path), '--out', 'report.html'])}")


def _show_phases(result: Result, out: Path, began: float) -> None:
    """What was trained: dev scores, steps, time."""
    from xharness.cli.phases import phases_table
    from xharness.cli.tables import print_whole
    from xharness.train.phase_facts import facts_of_phases, phases_of_suite

    folders = phases_of_suite(result.prepared.options.model, out / "phases")
    if folders:
        print_whole(phases_table(facts_of_phases(folders, began)))


def _show_chains(out: Path, chain: str) -> None:
    """This chain beside those that it can be compared with, and why it cannot be with the others."""
    from xharness.cli.tables import print_whole
    from xharness.studies.chain_table import compare_chains

    compared = compare_chains(out, chain)
    if len(compared.rows) > 1:
        print_whole(_comparison(compared.rows))
        if any(row["chain"].endswith(SIGN) for row in compared.rows):
            say(LEGEND)
    if compared.apart:
        others = (f"{name} ({', '.join(reasons)})" for name, reasons in compared.apart.items())
        say(f"not comparable: {'; '.join(others)}")


def _pack(result: Result, options: ChainOptions, allow_incomplete: bool) -> None:
    """Write the submission, if anything of the benchmark was evaluated."""
    if not options.benchmark.languages.keys() & result.scored.tasks.keys():
        say(f"no submission: nothing of {options.version.upper()} was evaluated")
        return
    run = result.prepared.folder.path
    wanted = submission.Wanted.of(options.version, tasks_from=options.train.tasks_from)
    archive = options.train.out / f"{run.name}.zip"
    submission.pack_folder(run, archive, wanted, options.evaluation, allow_incomplete=allow_incomplete)


def _comparison(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Chains side by side: tasks down, chains across. The hash in a name has a line of its own, and nothing is cut."""
    names = [HASH.sub("\n", row["chain"]) for row in rows]
    columns = [Column("task", folds=True), *(Column(name, numeric=True, folds=True, narrowest=8) for name in names)]
    tasks = dict.fromkeys(name for row in rows for name in row if name != "chain" and row[name] is not None)
    lines = [[task, *("" if row.get(task) is None else f"{row[task]:.2f}" for row in rows)] for task in tasks]
    title = "chains, average over languages in percent"
    return render(Table("chains", title, columns, [TableRow([*map(words, line)]) for line in lines]))
