"""``xharness demo``: the whole chain on a made-up world, with nothing to download."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli import evaluate, submission
from xharness.cli.option_types import Quiet, Version, VersionOption
from xharness.cli.progress_screen import progress_shown
from xharness.cli.screen import say
from xharness.tables.table import Column, Table, TableRow, words
from xharness.tables.terminal import render
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.outputs import check_folder

if TYPE_CHECKING:
    from rich.console import RenderableType

    from xharness.demo.chance import ChanceStanding
    from xharness.demo.retrieval import Scores
    from xharness.evaluation.reporter import Reporter
    from xharness.tasks.registry import Benchmark
    from xharness.train.phase_facts import Facts


WORDS = (
    "untrained vectors are sums of words, many of which (names, loans, digits) are written alike in other languages; "
    "training trades a part of that for meaning"
)


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the world, the models, the run and the packed submission.")],
    version: VersionOption = Version.XTREME,
    seed: Annotated[int, typer.Option(help="Another seed makes another world.")] = 0,
    untrained: Annotated[
        bool, typer.Option("--untrained", help="Random models, in seconds: the way without the training.")
    ] = False,
    newer: Annotated[
        bool, typer.Option("--newer", help="Write data of the newer benchmarks, too; they are not evaluated.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Train, evaluate and pack on a world of 40 made-up languages, in about three minutes on two slow processor cores.

    A tiny encoder is pretrained on text of all languages, trained on nine intermediate tasks in one mixture and then on
    six targets in English, and evaluated on nine tasks in all languages. The table has what a guesser would score;
    the command fails if a task is not above it. Killed, the same command continues. With --version xtreme-r there are
    50 languages, ten tasks and no mixture.

    Example: xharness demo --out demo
    """
    from xharness.demo.make import make

    check_folder(out)
    wanted = submission.Wanted.of(version)
    if quiet:
        made = make(out, seed=seed, version=version.value, newer=newer, trained=not untrained)
    else:
        say(f"{_what(wanted.benchmark, untrained)}: {out}", bold=True)
        with progress_shown() as reporter:
            shown = in_lines(reporter)
            made = make(out, seed=seed, version=version.value, newer=newer, trained=not untrained, reporter=shown)
    if untrained and not quiet:
        evaluate.show(made.result)
    submission.check_folder(made.run, wanted, made.data)
    submission.pack_folder(made.run, out / "submission.zip", wanted, made.data)
    if not untrained:
        from xharness.demo.chance import chances, standings

        found = standings(made.result.scored, chances(made.data, wanted.benchmark))
        conclude(found, made.facts, made.earlier, out, quiet)


def _what(benchmark: Benchmark, untrained: bool) -> str:
    """What will be made."""
    spoken = {language for languages in benchmark.languages.values() for language in languages}
    cells = sum(map(len, benchmark.languages.values()))
    how = "random models" if untrained else "three phases of training"
    return f"a world of {len(spoken)} made-up languages, {how}, {cells} cells"


def in_lines(reporter: Reporter) -> Reporter:
    """A line when a phase begins, progress that fits beside a bar, and no notes: they compare it with real ones."""
    from xharness.cli.phases import mixture
    from xharness.evaluation.reporter import Reporter

    begun = ""

    def progress(what: str, fraction: float) -> None:
        nonlocal begun
        phase, _, step = what.partition(": ")
        if tasks := phase.partition(" → ")[2]:  # parent → task + task
            names = tasks.split(" + ")
            if begun != tasks:
                reporter.note(f"training: {', '.join(names)}")
            begun, what = tasks, f"{mixture(names)}: {step}"
        reporter.progress(what, fraction)

    return Reporter(progress)


def conclude(
    standings: Sequence[ChanceStanding], facts: Sequence[Facts], earlier: Scores, out: Path, quiet: bool
) -> None:
    """The tables, what to look at next, and whether every task is above chance.

    Raises:
        UserError: one is not.
    """
    from xharness.cli.phases import phases_table
    from xharness.cli.tables import print_whole

    if not quiet:
        print_whole(phases_table(facts))
        print_whole(standings_table(standings))
        print_whole(retrieval_table(standings, earlier))
        say(*_remarks(standings))
        say(*_next(out))
    if low := [standing.task for standing in standings if not standing.above_chance]:
        raise UserError(
            f"not above chance: {', '.join(low)}",
            "the 95 % interval of the average reaches down to what a guesser scores",
            "report it, with run/manifest.json: the demo should not end like this",
        )


def standings_table(standings: Sequence[ChanceStanding]) -> RenderableType:
    """Scores beside chance."""
    numbers = ("score", "95 % interval", "chance", "English", "languages\nabove chance")
    columns = [Column("task", folds=True), *(Column(name, numeric=True) for name in numbers)]
    rows = []
    for one in standings:
        low, high = one.interval
        english = "" if one.english is None else f"{one.english:.1f}"
        count = f"{len(one.above)}/{len(one.above) + len(one.beside)}"
        texts = (one.task, f"{one.score:.1f}", f"[{low:.1f}, {high:.1f}]", f"{one.chance:.1f}", english, count)
        rows.append(TableRow([*map(words, texts)]))
    return render(Table("standings", "scores in percent", columns, rows))


def retrieval_table(standings: Sequence[ChanceStanding], earlier: Scores) -> RenderableType:
    """What earlier encoders score in the tasks that no target is trained for."""
    names = list(next(iter(earlier.values())))
    found = {**earlier, "before the targets": {one.task: one.score for one in standings}}
    columns = [Column("retrieval by the encoder"), *(Column(name, numeric=True) for name in names)]
    rows = [
        TableRow([*map(words, (which, *(f"{scores[name]:.1f}" for name in names)))]) for which, scores in found.items()
    ]
    return render(Table("retrieval", "scores in percent", columns, rows))


def _remarks(standings: Sequence[ChanceStanding]) -> list[str]:
    """What chance means, and where nothing certain was transferred."""
    return [
        *wrap(f"retrieval: {WORDS}", 80),
        *wrap(f"chance: {_guesses([standing.task for standing in standings])}", 80),
        *(f"not surely above chance in {one.task}: {' '.join(one.beside)}" for one in standings if one.beside),
    ]


def _guesses(names: Sequence[str]) -> str:
    """What a guesser answers, with the tasks that it does so in; the last one does so in all the others."""
    from xharness.tasks.registry import Registry

    registry, by_guess = Registry(), dict[str, list[str]]()
    for name in names:
        by_guess.setdefault(registry.task(name).type.guess, []).append(name)
    *most, last = [(guess, ", ".join(tasks)) for guess, tasks in by_guess.items()]
    told = [*most, (last[0], "the others" if most else last[1])]
    return ", ".join(f"{guess} ({tasks})" for guess, tasks in told)


def _next(out: Path) -> list[str]:
    """Commands to go on with."""
    return [
        "what to look at next:",
        f"  xharness report {out}/run --out report.html",
        f"  xharness evaluate --model {out}/models --data {out}/data \\",
        "      --out runs/sweep --tasks tatoeba --layer sweep",
        f"{out}/chain/*.toml have every number of the training",
    ]
