"""``xharness data cartography``, ``twin`` and ``nested``: which training examples to train on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli import complete
from xharness.cli.option_types import AsJson, DataSeed, TasksFrom
from xharness.cli.options import LONGEST, by_language, split_names
from xharness.cli.outputs import check_output
from xharness.cli.screen import put_json, say
from xharness.tables.table import Column, Table, TableRow, exact, number, words
from xharness.tables.terminal import render
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.outputs import check_file, write_output
from xharness.tasks.selection.regions import Region, RegionOptions
from xharness.tasks.selection.regions import select as take

if TYPE_CHECKING:
    from xharness.tasks.selection.cartography import DataMap
    from xharness.tasks.selection.nested import NestedSubset
    from xharness.tasks.selection.twins import Twin

SUBSET = "Subset"

TaskName = Annotated[
    str, typer.Option(help="Task whose training examples they are.", autocompletion=complete.trainable_names)
]
TrainingFolder = Annotated[Path, typer.Option(help="Folder with the training data, as for finetune.")]
Where = Annotated[str | None, typer.Option(help="Only examples like round=R2, as for finetune.")]


def cartography(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint that was trained with finetune --dynamics.")],
    burn_out: Annotated[int | None, typer.Option(help="Only the first N passes. Default: all.")] = None,
    map: Annotated[Path | None, typer.Option("--map", help="Write the map as a page, e.g. map.html.")] = None,
    table: Annotated[Path | None, typer.Option(help="Write the measures of every example, e.g. map.csv.")] = None,
    select: Annotated[
        Region | None, typer.Option(help="Take this region as a subset, into OUT.", rich_help_panel=SUBSET)
    ] = None,
    share: Annotated[
        float | None, typer.Option(help="Of all examples, rounded down; 0.33.", rich_help_panel=SUBSET)
    ] = None,
    both_ends: Annotated[
        bool,
        typer.Option("--both-ends", help="70 % from the region, 30 % from the other end.", rich_help_panel=SUBSET),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="File of ids for finetune --select.", rich_help_panel=SUBSET)] = None,
    as_json: AsJson = False,
) -> None:
    """Say how a model learned each of its training examples: confidence, variability, correctness, forgetting.

    Example: xharness data cartography ckpt/mnli --map map.html --select ambiguous --share 0.33 --out ambiguous.txt
    """
    from xharness.tasks.selection.cartography import CartographyOptions
    from xharness.tasks.selection.cartography import cartography as measure

    _require_both(select, out, share, both_ends)
    check_output(map, ".html", "--map")
    check_output(table, ".csv", "--table")
    if out:
        check_file(out)
    found = measure(CartographyOptions(checkpoint=checkpoint, burn_out=burn_out))
    chosen = _selected(found, select, share, both_ends, out) if select and out else []
    _write(found, checkpoint, map, table, chosen)
    _show(found, as_json)
    if not as_json:
        for text in _written(map, table, out, chosen):
            say(text)


def _require_both(select: Region | None, out: Path | None, share: float | None, both_ends: bool) -> None:
    """Refuse options of a subset where no subset is taken, and a subset without a file."""
    if select and not out:
        raise UserError("--select without --out", "the ids of a subset go to a file", "add --out ids.txt")
    if not select and (out or both_ends or share is not None):
        option = "--out" if out else "--both-ends" if both_ends else "--share"
        raise UserError(
            f"{option} without --select",
            "it is about a subset",
            "add --select easy, ambiguous or hard, or leave it out",
        )


def _selected(found: DataMap, region: Region, share: float | None, both_ends: bool, out: Path) -> list[str]:
    """The ids of a subset, written to their file."""
    from xharness.tasks.selection.ids import write_ids

    given = {} if share is None else {"share": share}
    chosen = take(found, RegionOptions(region=region, both_ends=both_ends, **given))
    write_ids(out, chosen)
    return chosen


def _write(found: DataMap, checkpoint: Path, page: Path | None, table: Path | None, chosen: Sequence[str]) -> None:
    """The files that were asked for beside the subset."""
    if page:
        from xharness.report.data_map import write_data_map

        write_data_map(found, page, checkpoint.resolve().name, chosen)
    if table:
        from xharness.report.data_map_tables import every_example
        from xharness.tables.csv_text import render as render_csv

        write_output(table, render_csv(every_example(found)))


def _show(found: DataMap, as_json: bool) -> None:
    """A summary on the screen, or all of it as JSON."""
    from xharness.report.data_map_tables import by_correctness

    if not as_json:
        from xharness.cli.tables import print_whole

        print_whole(render(by_correctness(found)))
        if found.unseen:
            say(f"note: {found.unseen} examples are left out: training ended before it came to them")
        return
    measures = (found.confidence, found.variability, found.correctness, found.forgetting)
    names = ("confidence", "variability", "correctness", "forgetting")
    rows = zip(found.ids, *(values.tolist() for values in measures), strict=True)
    examples = {name: dict(zip(names, row, strict=True)) for name, *row in rows}
    put_json({"passes": found.passes, "unseen": found.unseen, "examples": examples})


def _written(page: Path | None, table: Path | None, out: Path | None, chosen: Sequence[str]) -> list[str]:
    """A line for each file."""
    lines = [f"{page}: the map"] if page else []
    lines += [f"{table}: every example"] if table else []
    return [*lines, f"{out}: {len(chosen)} ids, for finetune --select"] if out else lines


def twin(
    of: Annotated[Path, typer.Option(help="File with the ids of the given subset, one a line.")],
    task: TaskName,
    data: TrainingFolder,
    out: Annotated[Path, typer.Option(help="File for the ids of the twin, for finetune --select.")],
    seed: Annotated[int | None, typer.Option(help="Draws the twin. Default: 42.")] = None,
    bin: Annotated[int, typer.Option("--bin", help="Width of the bins of the length histogram in words.")] = 8,
    overlapping: Annotated[
        bool, typer.Option("--overlapping", help="The twin may share examples with the given subset.")
    ] = False,
    where: Where = None,
    tasks_from: TasksFrom = None,
    as_json: AsJson = False,
) -> None:
    """Draw a random twin of a subset: as many other examples, with the same labels and the same lengths.

    Lengths are in words and match by bins; where a bin has too few examples, the nearest one gives the rest.

    Example: xharness data twin --of hard.txt --task mnli --data data --seed 1 --out twin.txt
    """
    from xharness.tasks.selection.ids import write_ids
    from xharness.tasks.selection.pool import PoolOptions
    from xharness.tasks.selection.twins import TwinOptions
    from xharness.tasks.selection.twins import twin as draw

    check_file(out)
    if out.resolve() == of.resolve():
        raise UserError(f"--out is {of} too", "the twin would replace the given subset", "choose another --out")
    pool = PoolOptions(task=task, data=data, where=where, tasks_from=tasks_from)
    drawn_by = {} if seed is None else {"seed": seed}
    found = draw(TwinOptions(of=of, pool=pool, bin=bin, overlapping=overlapping, **drawn_by))
    write_ids(out, found.ids)
    if as_json:
        put_json({**asdict(found), "bin": bin})
        return
    _show_twin(found, bin)
    say(f"{out}: {len(found.ids)} ids, for finetune --select")


def _show_twin(found: Twin, bin: int) -> None:
    """The histograms side by side, and what of a difference remains."""
    from xharness.cli.tables import print_whole

    columns = [Column("words"), Column("given", numeric=True), Column("twin", numeric=True)]
    rows = [
        TableRow([words(f"{place * bin} to {place * bin + bin - 1}"), exact(found.given.get(place, 0)), exact(count)])
        for place in sorted({*found.given, *found.twin})
        for count in [found.twin.get(place, 0)]
    ]
    means = [number(mean, 2) for mean in found.means]
    print_whole(render(Table("twin", "Examples by length", columns, [*rows, TableRow([words("mean"), *means])])))
    if labels := ", ".join(f"{label} {count}" for label, count in found.labels.items() if label):
        say(f"labels, the same in both: {labels}")
    say(f"{found.moved} of {len(found.ids)} examples are of another bin; {found.shared} are in both subsets")


def nested(
    task: TaskName,
    data: TrainingFolder,
    out: Annotated[Path, typer.Option(help="Folder for a list of ids each, and nested.json.")],
    sizes: Annotated[str | None, typer.Option(help="Numbers of examples, e.g. 100,316,1000.")] = None,
    tokens: Annotated[
        str | None, typer.Option(help="Bounds on the tokens of a subset, e.g. 10000,31623. In words without MODEL.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Checkpoint whose tokenizer counts the tokens.")] = None,
    data_seed: DataSeed = None,
    where: Where = None,
    translations: Annotated[
        list[str] | None, typer.Option(help="LANGUAGE=FILE of translations to mix in, as for finetune. Repeat it.")
    ] = None,
    tasks_from: TasksFrom = None,
    as_json: AsJson = False,
) -> None:
    """Draw nested subsets of the training data: the ones that finetune --examples takes with the same data seed.

    By tokens it is the largest subset within each bound, so that languages compare at equal tokens.

    Example: xharness data nested --task mnli --data data --sizes 100,316,1000 --data-seed 1 --out subsets
    """
    from xharness.tasks.selection.nested import NestedOptions
    from xharness.tasks.selection.nested import nested as draw
    from xharness.tasks.selection.pool import PoolOptions

    mixed_in = by_language("--translations", translations or ())
    pool = PoolOptions(task=task, data=data, where=where, translations=mixed_in, tasks_from=tasks_from)
    drawn_by = {} if data_seed is None else {"data_seed": data_seed}
    options = NestedOptions(
        pool=pool, out=out, sizes=_numbers("--sizes", sizes), tokens=_numbers("--tokens", tokens), **drawn_by
    )
    options.check()
    if model:
        from xharness.compute.token_counts import token_counter

        found = draw(options, token_counter(model), "tokens")
    else:
        found = draw(options)
    if as_json:
        put_json([asdict(subset) for subset in found])
        return
    _show_nested(found, "tokens" if model else "words")
    say(f"{out}: nested.json" + (", lists of ids for finetune --select" if not mixed_in else ""))
    say(f"the same subsets: finetune --examples N --data-seed {options.data_seed}")


def _show_nested(found: Sequence[NestedSubset], unit: str) -> None:
    """A row a subset."""
    from xharness.cli.tables import print_whole

    columns = [Column("examples", numeric=True), Column(unit, numeric=True), Column("labels"), Column("languages")]
    rows = [
        TableRow(
            [exact(each.examples), exact(each.tokens), *(words(_counts(c)) for c in (each.labels, each.languages))]
        )
        for each in found
    ]
    print_whole(render(Table("nested", "Nested subsets", columns, rows)))


def _counts(by_name: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in by_name.items() if name)


def _numbers(option: str, text: str | None) -> list[int]:
    """Whole numbers between commas."""
    names = split_names(text)
    if wrong := next((name for name in names if not name.isdecimal() or len(name) > LONGEST), None):
        why = f"it is not a whole number of at most {LONGEST} digits"
        raise UserError(f"cannot read {option} {wrong[:40]}", why, f"for example {option} 100,316,1000")
    return [int(name) for name in names]
