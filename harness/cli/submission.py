"""``xharness submission check`` and ``xharness submission pack``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli.option_types import Gold, OnlyTasks, Predictions, TasksFrom, Version, VersionOption
from xharness.cli.problems import list_problems, refuse
from xharness.cli.screen import put, say
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xharness.tasks.base import Task
    from xharness.tasks.registry import Benchmark
    from xharness.tasks.types.findings import Expected

app = typer.Typer(no_args_is_help=True, help="Check and pack predictions for the leaderboard.")

Data = Annotated[
    Path | None, typer.Option(help="Data folder: its words, question ids and labels decide what must be there.")
]


@app.command()
def check(
    folder: Predictions,
    data: Data = None,
    labels: Gold = None,
    version: VersionOption = Version.XTREME,
    tasks: OnlyTasks = None,
    tasks_from: TasksFrom = None,
) -> None:
    """List everything that the leaderboard would reject or count wrong, all at once.

    With --tasks only these tasks are checked; they may be of your own.

    Example: xharness submission check runs/mymodel --data data/
    """
    check_folder(folder, Wanted.of(version, tasks, tasks_from, [folder]), data, labels)


@app.command()
def pack(
    folder: Predictions,
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Pack what is there, whatever is missing or malformed.")
    ] = False,
    metadata: Annotated[
        Path | None,
        typer.Option(help="TOML file that describes the model. Default: metadata.toml in FOLDER, if it is there."),
    ] = None,
    data: Data = None,
    labels: Gold = None,
    version: VersionOption = Version.XTREME,
    tasks: OnlyTasks = None,
    tasks_from: TasksFrom = None,
) -> None:
    """Pack the files of a submission into a zip file; the same predictions give the same bytes.

    The description of the model is checked and packed with them; xharness leaderboard shows it.

    Example: xharness submission pack runs/mymodel --data data/ --metadata model.toml --out mymodel.zip
    """
    wanted = Wanted.of(version, tasks, tasks_from, [folder])
    pack_folder(folder, out, wanted, data, labels, allow_incomplete=allow_incomplete, metadata=metadata)


@app.command()
def template() -> None:
    """Print an example of the file that describes a model, to be filled in.

    Example: xharness submission template > model.toml
    """
    from xharness.submissions.metadata import TEMPLATE

    put(TEMPLATE)


@dataclass(frozen=True)
class Wanted:
    """What a folder is to hold: the tasks of a benchmark, or some that were named."""

    benchmark: Benchmark
    tasks: Sequence[Task]
    beside: Sequence[str]

    @classmethod
    def of(
        cls,
        version: str = Version.XTREME,
        tasks: str | None = None,
        tasks_from: Path | None = None,
        runs: Sequence[Path] = (),
    ) -> Wanted:
        """The tasks of a benchmark, or those named, of the user's own file, or the one that runs remember, as well.

        Raises:
            UserError: a name that no task has, or a file that declares none.
        """
        from xharness.runs.own_tasks import registry_of
        from xharness.submissions.score import tasks_for
        from xharness.tasks.registry import BENCHMARKS

        benchmark, registry = BENCHMARKS[version], registry_of(runs, tasks_from)
        chosen = tasks_for(benchmark, registry, ",".join(benchmark.languages) if tasks is None else tasks)
        return cls(benchmark, chosen, [name for name in registry.added if tasks is None])

    @property
    def whole(self) -> bool:
        """Whether they are what the leaderboard takes."""
        return [task.name for task in self.tasks] == [*self.benchmark.languages]

    @property
    def named(self) -> Sequence[Task] | None:
        """Tasks that must all be there; None for the benchmark's own, of which its total may leave some out."""
        return None if self.whole else self.tasks

    @property
    def files(self) -> int:
        """Files of a complete folder."""
        if self.whole:
            return self.benchmark.cells
        from xharness.submissions.files import languages_in

        return sum(len(languages_in(self.benchmark, task)) for task in self.tasks)

    @property
    def names(self) -> str:
        """The benchmark's name, or those of the tasks."""
        return self.benchmark.name if self.whole else ", ".join(task.name for task in self.tasks)


def check_folder(folder: Path, wanted: Wanted, data: Path | None = None, labels: Path | None = None) -> None:
    """List every problem of a folder of predictions, or say that it has none.

    Raises:
        UserError: it has problems; they are listed already.
    """
    from xharness.submissions.check import check as find_problems

    gold, expected = _known(wanted, data, labels)
    problems = find_problems(folder, wanted.benchmark, gold=gold, expected=expected, tasks=wanted.named)
    list_problems(problems)
    if problems:
        refuse(problems, f"{folder} is not a complete {wanted.names} submission", "fix the files and check again")
    as_wanted = "as the leaderboard wants them" if wanted.whole else f"of {wanted.names}"
    say(f"{folder}: complete, {plural(wanted.files, 'file')} {as_wanted}")
    if data is None and labels is None:
        say("compared with published counts only; --data also compares words and question ids")
    _say_what_is_beside(folder, wanted)


def _refuse_perturbed(folder: Path) -> None:
    """Refuse predictions of a run on perturbed data, whose files look like all others."""
    from xharness.runs.reading import is_run, read_manifest

    run = next((each for each in (folder, folder.resolve().parent) if is_run(each)), None)
    if run is not None and (done := read_manifest(run).perturbation):
        why = f"its data are perturbed ({done}), and the leaderboard takes answers to the plain ones"
        raise UserError(f"{run} is no submission", why, "evaluate the plain data")


def pack_folder(
    folder: Path,
    out: Path,
    wanted: Wanted,
    data: Path | None = None,
    labels: Path | None = None,
    *,
    allow_incomplete: bool = False,
    metadata: Path | None = None,
) -> None:
    """Write the archive and say what is in it.

    Raises:
        UserError: nothing is there to pack, or it is incomplete and that was not allowed.
    """
    from xharness.submissions.pack import pack as write_archive

    _refuse_perturbed(folder)
    gold, expected = _known(wanted, data, labels)
    result = write_archive(
        folder,
        out,
        wanted.benchmark,
        allow_incomplete=allow_incomplete,
        gold=gold,
        expected=expected,
        tasks=wanted.named,
        metadata=metadata,
    )
    list_problems(result.problems)
    say(f"{result.out}: {result.predictions} of {plural(result.of, 'file')}, sha256 {result.sha256}")
    if len(result.files) > result.predictions:
        say(f"with {result.files[-1]}, the description of the model")
    if result.problems:
        say("incomplete: the leaderboard takes no submission with the problems listed above", err=True)
    elif not wanted.whole:
        say(f"the leaderboard takes all of {wanted.benchmark.name} and nothing else", err=True)
    _say_what_is_beside(folder, wanted)


def _say_what_is_beside(folder: Path, wanted: Wanted) -> None:
    """Name the user's own tasks that the folder holds and that no leaderboard takes."""
    from xharness.submissions.files import predictions_folder

    there = [name for name in wanted.beside if (predictions_folder(folder) / name).is_dir()]
    if there:
        say(f"not of {wanted.benchmark.name}, and left out: {', '.join(there)}; --tasks takes such a task by its name")


def _known(
    wanted: Wanted, data: Path | None, labels: Path | None
) -> tuple[Path | None, Mapping[tuple[str, str], Expected] | None]:
    """What predictions are compared with: gold where there is some, else the data, else published counts."""
    from xharness.submissions.expected import expected_of_data
    from xharness.tasks.data import DataFolder

    if data is None:
        if labels is not None and not labels.is_dir():
            raise UserError(f"no folder {labels}", "it does not exist or is a file", "check the path")
        return labels, None
    only_gold = (data / "labels").is_dir() and not (data / "download").is_dir()
    names = [task.name for task in wanted.tasks]
    gold = labels or data / "labels" if only_gold else DataFolder.open(data, labels, names=names).labels
    return gold, expected_of_data(data, wanted.benchmark, wanted.tasks)
