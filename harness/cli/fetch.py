"""``xharness data fetch``: from nothing to a data folder that is complete and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from xharness.cli import complete
from xharness.cli.option_types import Quiet
from xharness.cli.options import split_names
from xharness.cli.screen import console, say
from xharness.tables.table import Column, Table, TableRow, words
from xharness.tables.terminal import render
from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    from xharness.fetch.failures import Unavailable
    from xharness.fetch.run import FetchOptions, FetchReport
    from xharness.fetch.sources import DataPackage, Origin
    from xharness.tasks.common.errors import UserError

Without: TypeAlias = dict[str, tuple[str, str]]  # tasks that are not fetched: why, and what to do
SHOWN = 12


def fetch(
    tasks: Annotated[
        list[str] | None,
        typer.Argument(
            help="Tasks (xnli), groups (xtreme, xtreme-r, qa, stilts, intermediate, all) and parts (udpos/de). "
            "Default: xtreme.",
            autocompletion=complete.fetchable_names,
        ),
    ] = None,
    data: Annotated[Path, typer.Option(help="Data folder to fill.")] = Path("data"),
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Only hub or upstream; or a folder or archive on this machine. Default: all, the authors first.",
        ),
    ] = None,
    langs: Annotated[
        str | None,
        typer.Option(
            help="Languages, e.g. de,fr; English training sets always come along. Default: the benchmark's.",
            autocompletion=complete.languages,
        ),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Where downloads are kept. Default: XHARNESS_CACHE, or the user's cache.")
    ] = None,
    mirror: Annotated[
        str,
        typer.Option(
            envvar="XHARNESS_MIRROR", help="URL of a mirror that serves https://host/path as MIRROR/host/path."
        ),
    ] = "",
    plan: Annotated[
        bool, typer.Option("--plan", "--dry-run", help="List sources, sizes and licences; fetch nothing.")
    ] = False,
    accept_changed: Annotated[
        bool,
        typer.Option("--accept-changed", help="Take files of the authors even if their hash is not the published one."),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files in DATA that were not fetched.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Fetch published data, check it, and lay it out for evaluate and finetune.

    Every task has sources in order of trust: the authors' files, then copies on the Hugging Face Hub (parquet only).
    One that fails is named, and the next is tried. The same command continues what was interrupted, and does nothing
    when all is there. DATA/fetched.json records where each file came from, with hashes; data check compares.

    Example: xharness data fetch xtreme --data data
    """
    from xharness.fetch.cache import default_root
    from xharness.fetch.plan import select
    from xharness.fetch.run import FetchOptions

    parts, without = select(tasks or (), set(split_names(langs)) if langs else None)
    origin, local = _source(source)
    if plan:
        _print_plan(parts, without, origin)
        return
    settings = FetchOptions(
        data=data,
        cache=cache or default_root(),
        origin=origin,
        local=local,
        mirror=mirror,
        accept_changed=accept_changed,
        overwrite=overwrite,
    )
    _fetch(parts, without, settings, quiet)


def _fetch(parts: Sequence[DataPackage], without: Without, settings: FetchOptions, quiet: bool) -> None:
    """Fetch the parts and say what came of it.

    Raises:
        UserError: some could not be had; what a folder on this machine does not hold is not a failure.
    """
    from xharness.fetch.failures import NotThere
    from xharness.fetch.run import fetch as run

    with _Screen.open(quiet) as screen:
        result = run(parts, settings, screen)
    if not quiet:
        _print_result(result, without, settings.data)
    failed = result.failed
    if settings.local and (result.made or result.kept):
        absent = [part for part, reasons in failed if isinstance(reasons[0], NotThere)]
        failed = [(part, reasons) for part, reasons in failed if not isinstance(reasons[0], NotThere)]
        if absent and not quiet:
            _print_absent(settings.local, absent)
    if failed:
        raise _failure(failed, len(parts))


def _source(name: str | None) -> tuple[Origin | None, Path | None]:
    """``--from`` as a kind of source or a path."""
    from xharness.fetch.sources import Origin

    if name in (Origin.HUB, Origin.UPSTREAM):
        return Origin(name), None
    return None, Path(name) if name is not None else None


# --- while it runs ---------------------------------------------------------------------------------------------------


class _Screen:
    """Progress on stderr; lines about sources that failed are printed even where there is no terminal."""

    def __init__(self, quiet: bool) -> None:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        self.console = console(stderr=True)
        self.quiet = quiet
        name, count = (TextColumn(text, markup=False) for text in ("{task.description}", "{task.fields[count]}"))
        columns = (name, BarColumn(), count, DownloadColumn())
        self.progress = Progress(
            *columns, console=self.console, transient=True, disable=quiet or not self.console.is_terminal
        )
        self.bar = self.progress.add_task("fetching", total=None, count="")
        self.said: set[str] = set()

    @classmethod
    @contextmanager
    def open(cls, quiet: bool) -> Iterator[_Screen]:
        """A screen whose progress is gone at the end."""
        screen = cls(quiet)
        with screen.progress:
            yield screen

    def part(self, part: DataPackage, number: int, total: int) -> None:
        """A part begins."""
        self.progress.update(self.bar, description=part.name, completed=0, total=None, count=f"{number} of {total}")

    def transfer(self, name: str, done: int, total: int | None) -> None:
        """Bytes of a file came."""
        self.progress.update(self.bar, description=name.rpartition("/")[2], completed=done, total=total)

    def next_source(self, part: DataPackage, why: str) -> None:
        """A source did not work; one that many languages share is named once."""
        if self.quiet or why in self.said:
            return
        from rich.text import Text

        self.said.add(why)
        self.console.print(Text(f"{part.name}: {why}; trying the next source"), soft_wrap=True)


# --- before and after ------------------------------------------------------------------------------------------------


def _print_plan(parts: Sequence[DataPackage], without: Without, origin: Origin | None) -> None:
    """One row a task and kind of source: how many parts, from where, how large, and the licence."""
    from xharness.cli.tables import print_whole
    from xharness.fetch.cache import megabytes
    from xharness.fetch.describe import listing

    columns = [
        Column("task"), Column("parts", numeric=True), Column("source", folds=True), Column("files", numeric=True),
        Column("size", numeric=True), Column("checked against", folds=True), Column("licence", folds=True),
    ]  # fmt: skip
    rows, shown = listing(parts, origin), []
    for row in rows:
        head = (row.task, str(row.parts), row.licence) if row.rank == 0 else ("", "", "")
        label = row.label if row.rank == 0 else f"else {row.label}"
        texts = (head[0], head[1], label, row.files or "?", megabytes(row.size), row.basis, head[2])
        shown.append(TableRow([*map(words, texts)]))
    print_whole(render(Table("plan", "", columns, shown)))
    first = {url: size for row in rows if row.rank == 0 for url, size in row.sizes}
    more = ", and files whose size nobody recorded" if None in first.values() or any(not r.sizes for r in rows) else ""
    say(f"{len(parts)} parts, first sources {megabytes(sum(filter(None, first.values())))}{more}")
    _print_remarks(parts, without)
    say("nothing was fetched")


def _print_remarks(parts: Sequence[DataPackage], without: Without) -> None:
    """What is not fetched and why, and what is wrong with sources that are not used."""
    for task, (why, fix) in without.items():
        say(f"{task} is not fetched: {why}; {fix}")
    reasons: dict[tuple[str, str], list[str]] = {}
    for part in parts:
        for why in filter(
            None, (part.missing, *(f"the Hub's copy {route.lossy}" for route in part.routes if route.lossy))
        ):
            reasons.setdefault((part.task, why), []).append(part.language)
    for (task, why), languages in reasons.items():
        say(f"{task} ({' '.join(languages)}): {why}")


def _print_result(result: FetchReport, without: Without, data: Path) -> None:
    """What was made from what, what was left out on the way, and what had to be trusted."""
    made = Counter((part.task, str(origin)) for part, origin in result.made)
    kept = Counter(part.task for part in result.kept)
    for (task, origin), number in made.items():
        say(f"{task}: {number} part{'s' if number != 1 else ''} from {origin}")
    if kept:
        say(f"{sum(kept.values())} part{'s' if sum(kept.values()) != 1 else ''} were there already, and unchanged")
    _print_some("notes", _together(result.notes), data)
    _print_some(
        "trusted: no published hash vouches for these; theirs is recorded now, and later fetches must match it",
        result.trusted,
        data,
    )
    _print_some("accepted: these are not the published files; their hashes are recorded now", result.accepted, data)
    for task, (why, fix) in without.items():
        say(f"{task} is not fetched: {why}; {fix}")
    if done := len(result.made) + len(result.kept):
        say(f"{data / 'fetched.json'}: sources and hashes of {done} part{'s' if done != 1 else ''}")


def _together(notes: Mapping[str, Sequence[str]]) -> list[str]:
    """Notes of parts, one line for all languages that share it, and what makes numbers incomparable first."""
    from xharness.tasks.base import LossNote

    languages: dict[tuple[str, str], list[str]] = {}
    for name, lines in notes.items():
        task, _, language = name.partition("/")
        for line in lines:
            languages.setdefault((task, line), []).append(language)
    ordered = sorted(languages, key=lambda key: not isinstance(key[1], LossNote))
    return [f"{' '.join([task, *filter(None, languages[task, line])])}: {line}" for task, line in ordered]


def _print_absent(local: Path, parts: Sequence[DataPackage]) -> None:
    """What a folder did not hold, one line a task."""
    names: dict[str, list[str]] = {}
    for part in parts:
        names.setdefault(part.task, []).append(part.name.partition("/")[2])
    say(f"not in {local}")
    for task, each in names.items():
        say(f"  {' '.join([task, *filter(None, each)])}")


def _print_some(title: str, lines: Sequence[str], data: Path) -> None:
    """A list, cut short on the screen; the manifest has all of it."""
    if lines:
        say(title, *(f"  {line}" for line in lines[:SHOWN]))
        if len(lines) > SHOWN:
            say(f"  and {len(lines) - SHOWN} more in {data / 'fetched.json'}")


def _failure(failed: Sequence[tuple[DataPackage, list[Unavailable]]], total: int) -> UserError:
    """One error for all parts that could not be had: reasons that many share are said once."""
    from xharness.fetch.failures import NotTheKnownFile, OnlyManually, Unreachable
    from xharness.fetch.sources import Manual

    names = [part.name for part, _ in failed]
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    causes = [cause for _, each in failed for cause in each]
    reasons = list(dict.fromkeys(map(str, causes)))
    why = "; ".join(reasons[:4]) + (f"; and {len(reasons) - 4} more reasons" if len(reasons) > 4 else "")
    fix = "run the same command again, which continues; or bring the files on a disk and name the folder with --from"
    hand = [
        source for part, _ in failed for route in part.routes for source in route.sources if isinstance(source, Manual)
    ]
    others = [cause for cause in causes if not isinstance(cause, OnlyManually)]
    if others and all(isinstance(cause, Unreachable) for cause in others):
        fix = "connect this machine (HTTPS_PROXY, HF_ENDPOINT and --mirror count), or bring the files with --from DIR"
    elif len(hand) == len(failed) and len({source.how for source in hand}) == 1:
        fix = hand[0].how
    elif any(isinstance(cause, NotTheKnownFile) for cause in causes):
        fix = "--accept-changed takes files that their authors changed; or bring the published ones with --from DIR"
    return UserError(f"{len(failed)} of {total} parts could not be fetched: {shown}", why, fix)
