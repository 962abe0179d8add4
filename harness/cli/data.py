"""``xharness data check``: what the data folder holds, what is missing, and every malformed line."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli import complete
from xharness.cli.fetch import fetch
from xharness.cli.inventory import Checked, facts_as_json, print_facts, print_list
from xharness.cli.option_types import AsJson, DataOption, Gold, Quiet, TasksFrom, Version, VersionOption
from xharness.cli.perturb import perturb
from xharness.cli.progress_screen import progress_shown
from xharness.cli.screen import put_json
from xharness.cli.selection import cartography, nested, twin
from xharness.cli.translation_quality import translation_quality

if TYPE_CHECKING:
    from xharness.tasks.data import DataFolder
    from xharness.tasks.inventory import CellCounts, CellName

app = typer.Typer(
    no_args_is_help=True,
    help="Fetch, check and perturb the data folder; choose what to train on; score machine-translated data.",
)
app.command("fetch")(fetch)
app.command("perturb")(perturb)
app.command("translation-quality")(translation_quality)
app.command("cartography")(cartography)
app.command("twin")(twin)
app.command("nested")(nested)


@app.callback()
def _root() -> None:
    """The data folder."""


@app.command()
def check(
    data: DataOption = Path("data"),
    labels: Gold = None,
    version: VersionOption = Version.XTREME,
    tasks: Annotated[
        str | None,
        typer.Option(
            help="Tasks and groups, e.g. xnli,qa. Default: the benchmark and more.", autocompletion=complete.task_names
        ),
    ] = None,
    langs: Annotated[
        str | None, typer.Option(help="Languages, e.g. de,fr. Default: all.", autocompletion=complete.languages)
    ] = None,
    tasks_from: TasksFrom = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say what is there per task and language, against the published counts, and find every malformed line.

    Missing languages and missing gold are facts; malformed files make the exit code 1, and so do fetched files that are
    missing or have changed since.

    Example: xharness data check --data data
    """
    found = _checked(data, labels, version, tasks, langs, tasks_from, progress=not (quiet or as_json))
    if as_json:
        put_json(facts_as_json(found))
    else:
        if not quiet:
            print_facts(found)
        problems = found.problems
        print_list(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", [str(each) for each in problems])
    raise typer.Exit(1 if found.problems else 0)


def _checked(
    data: Path,
    labels: Path | None,
    version: str,
    names: str | None,
    langs: str | None,
    tasks_from: Path | None,
    *,
    progress: bool,
) -> Checked:
    """Read everything that is asked for."""
    from xharness.fetch.manifest import NAME, FetchManifest
    from xharness.submissions.files import languages_in
    from xharness.tasks.data import DataFolder
    from xharness.tasks.inventory import cells as cells_in
    from xharness.tasks.inventory import summarise
    from xharness.tasks.registry import benchmark, open_registry, select_languages

    registry, wanted = open_registry(tasks_from), benchmark(version)
    chosen = registry.select(names, wanted)
    languages = select_languages(chosen, langs)
    folder = DataFolder.open(data, labels, names=registry.tasks)
    if names is None:
        # What else the folder holds, such as tasks of the other benchmark.
        further = registry.select("all")
        chosen += [task for task in further if task not in chosen and cells_in(folder, [task], languages)]
    cells = _look_at_all(folder, cells_in(folder, chosen, languages), progress)
    root = folder.download.parent
    fetched = FetchManifest.load(root)
    changed = fetched.problems({task.name for task in chosen} if names else None)
    return Checked(
        folder,
        wanted,
        chosen,
        cells,
        [summarise(task, cells, languages_in(wanted, task), languages) for task in chosen],
        root / NAME if fetched.files and not changed else None,
        sorted({*changed, *(problem for cell in cells for problem in cell.problems)}),
    )


def _look_at_all(folder: DataFolder, wanted: Sequence[CellName], progress: bool) -> list[CellCounts]:
    """Read every cell, and say on stderr how far that is."""
    from xharness.evaluation.reporter import Reporter
    from xharness.tasks.inventory import count

    found: list[CellCounts] = []
    with progress_shown() if progress else nullcontext(Reporter()) as reporter:
        for name in wanted:
            reporter.progress(f"reading data: {len(found)} of {len(wanted)} cells", len(found) / len(wanted))
            found.append(count(folder, name))
    return found
