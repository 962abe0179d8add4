"""``xharness baseline``: runs kept as small files, to compare with when the run itself is gone."""

from __future__ import annotations

from typing import Annotated

import typer

from xharness.cli.option_types import RunArgument, TasksFrom
from xharness.cli.screen import say
from xharness.tasks.common.outputs import check_file
from xharness.tasks.common.text import plural

app = typer.Typer(no_args_is_help=True, help="Keep a run as a small file to commit, for xharness compare --base @NAME.")


@app.command("set")
def set_(
    run: RunArgument,
    name: Annotated[str, typer.Option(help="Name of the baseline; an old one of this name is replaced.")] = "main",
    tasks_from: TasksFrom = None,
) -> None:
    """Keep the statistics of a run in .xharness/baselines/NAME.npz.xz, a small file to commit.

    Example: xharness baseline set runs/release --name main
    """
    from xharness.comparison.baseline import write_baseline
    from xharness.comparison.baseline_names import baseline_path
    from xharness.comparison.sources import load_source
    from xharness.runs.own_tasks import registry_of

    path = baseline_path(name)
    check_file(path, "--name")
    source = load_source(run, registry_of([run], tasks_from))
    write_baseline(source, path)
    items = sum(len(cell.items.ids) for cell in source.cells.values())
    size = f"{path.stat().st_size / 1000:,.0f} kB"
    say(f"{path}: {plural(len(source.cells), 'cell')}, {plural(items, 'item')}, {size}; commit it")


@app.command("list")
def list_() -> None:
    """List the baselines in .xharness/baselines.

    Example: xharness baseline list
    """
    from xharness.comparison.baseline import read_facts
    from xharness.comparison.baseline_names import FOLDER, baselines

    known = baselines()
    if not known:
        say(f"no baselines in {FOLDER}; make one with xharness baseline set RUN")
    for name, path in known.items():
        facts = read_facts(path)
        say(f"@{name}  from {facts.run}, xharness {facts.version}, {path.stat().st_size / 1000:,.0f} kB")


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="NAME or @NAME.")] = "main",
    tasks_from: TasksFrom = None,
) -> None:
    """Show what a baseline was made from, and its scores.

    Example: xharness baseline show main
    """
    from xharness.cli.tables import print_whole, scores_table
    from xharness.comparison.baseline import read_facts
    from xharness.comparison.baseline_names import resolve
    from xharness.comparison.sources import load_source
    from xharness.submissions.scores import Cell, summarise
    from xharness.tasks.registry import BENCHMARKS, open_registry

    path, registry = resolve(f"@{name.removeprefix('@')}"), open_registry(tasks_from)
    facts, source = read_facts(path), load_source(path, registry)
    cells = [Cell(c.task, c.language, c.items, c.signature, n=c.n) for c in source.cells.values()]
    for part in scores_table(summarise(cells, BENCHMARKS[source.benchmark]), registry.tasks):
        print_whole(part)
    models = ", ".join(f"{model} {digest[:8]}" for model, digest in facts.models.items())
    seed = "" if facts.seed is None else f", seed {facts.seed}"
    say(f"{path}: from {facts.run}{seed}, xharness {facts.version}; {models}")
