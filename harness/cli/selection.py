"""``xharness data cartography``, ``twin`` and ``nested``: which training examples to train on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli.options import AsJson
from xharness.cli.screen import put_json, say
from xharness.tasks.selection.regions import Region

if TYPE_CHECKING:
    from xharness.tasks.selection.cartography import DataMap

SUBSET = "Subset"


def cartography(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint that was trained with finetune --dynamics.")],
    burn_out: Annotated[int | None, typer.Option(help="Only the first N passes. Default: all.")] = None,
    map: Annotated[Path | None, typer.Option("--map", help="Write the map as a page, e.g. map.html.")] = None,
    table: Annotated[Path | None, typer.Option(help="Write the measures of every example, e.g. map.csv.")] = None,
    select: Annotated[
        Region | None, typer.Option(help="Take this region as a subset, into OUT.", rich_help_panel=SUBSET)
    ] = None,
    share: Annotated[float, typer.Option(help="Of all examples, rounded down.", rich_help_panel=SUBSET)] = 0.33,
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
    from xharness.tasks.common.outputs import check_file
    from xharness.tasks.selection.cartography import CartographyOptions
    from xharness.tasks.selection.cartography import cartography as measure

    _require_both(select, out, share, both_ends)
    for option, path in (("--map", map), ("--table", table), ("--out", out)):
        if path:
            check_file(path, option)
    found = measure(CartographyOptions(checkpoint=checkpoint, burn_out=burn_out))
    chosen = _selected(found, select, share, both_ends, out) if select and out else []
    _write(found, checkpoint, map, table, chosen)
    _show(found, as_json)
    if not as_json:
        for text in _written(map, table, out, chosen):
            say(text)


def _require_both(select: Region | None, out: Path | None, share: float, both_ends: bool) -> None:
    """Refuse options of a subset where no subset is taken, and a subset without a file."""
    from xharness.tasks.common.errors import UserError

    if select and not out:
        raise UserError("--select without --out", "the ids of a subset go to a file", "add --out ids.txt")
    if not select and (out or both_ends or share != 0.33):
        option = "--out" if out else "--both-ends" if both_ends else "--share"
        raise UserError(
            f"{option} without --select",
            "it is about a subset",
            "add --select easy, ambiguous or hard, or leave it out",
        )


def _selected(found: DataMap, region: Region, share: float, both_ends: bool, out: Path) -> list[str]:
    """The ids of a subset, written to their file."""
    from xharness.tasks.selection.ids import write_ids
    from xharness.tasks.selection.regions import RegionOptions
    from xharness.tasks.selection.regions import select as take

    chosen = take(found, RegionOptions(region=region, share=share, both_ends=both_ends))
    write_ids(out, chosen)
    return chosen


def _write(found: DataMap, checkpoint: Path, page: Path | None, table: Path | None, chosen: Sequence[str]) -> None:
    """The files that were asked for beside the subset."""
    if page:
        from xharness.report.data_map import write_data_map

        write_data_map(found, page, checkpoint.resolve().name, chosen)
    if table:
        from xharness.report.data_map_tables import every_example
        from xharness.tables.csv_text import render
        from xharness.tasks.common.outputs import write_output

        write_output(table, render(every_example(found)))


def _show(found: DataMap, as_json: bool) -> None:
    """A summary on the screen, or all of it as JSON."""
    from xharness.report.data_map_tables import by_correctness

    if not as_json:
        from xharness.cli.tables import print_whole
        from xharness.tables.terminal import render

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
