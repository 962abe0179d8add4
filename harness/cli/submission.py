"""``xharness submission check`` and ``xharness submission pack``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xharness.cli.score import Version, VersionOption, list_problems, refuse
from xharness.cli.screen import put, say

if TYPE_CHECKING:
    from xharness.tasks.registry import Benchmark

app = typer.Typer(no_args_is_help=True, help="Check and pack predictions for the leaderboard.")

Folder = Annotated[Path, typer.Argument(help="Run folder, or folder with files like xnli/test-de.tsv.")]
Data = Annotated[
    Path | None, typer.Option(help="Data folder: its words, question ids and labels decide what must be there.")
]
Labels = Annotated[Path | None, typer.Option(help="Gold folder, if not DATA/labels.")]


@app.command()
def check(
    folder: Folder,
    data: Data = None,
    labels: Labels = None,
    version: VersionOption = Version.XTREME,
) -> None:
    """List everything that the leaderboard would reject or count wrong, all at once.

    Example: xharness submission check runs/mymodel --data data/
    """
    from xharness.submissions.check import check as find_problems
    from xharness.tasks.common.text import plural
    from xharness.tasks.registry import BENCHMARKS

    benchmark = BENCHMARKS[version]
    problems = find_problems(folder, benchmark, **_known(benchmark, data, labels))
    list_problems(problems)
    if problems:
        refuse(problems, f"{folder} is no complete {version} submission", "fix the files and check again")
    say(f"{folder}: complete, {plural(benchmark.cells, 'file')} as the leaderboard wants them")
    if data is None and labels is None:
        say("compared with published counts only; --data also compares words and question ids")


@app.command()
def pack(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Pack what is there, whatever is missing or malformed.")
    ] = False,
    metadata: Annotated[
        Path | None,
        typer.Option(help="TOML file that describes the model. Default: metadata.toml in FOLDER, if it is there."),
    ] = None,
    data: Data = None,
    labels: Labels = None,
    version: VersionOption = Version.XTREME,
) -> None:
    """Pack the files of a submission into a zip file; the same predictions give the same bytes.

    The description of the model is checked and packed with them; xharness leaderboard shows it.

    Example: xharness submission pack runs/mymodel --data data/ --metadata model.toml --out mymodel.zip
    """
    from xharness.submissions.pack import pack as write_archive
    from xharness.tasks.common.text import plural
    from xharness.tasks.registry import BENCHMARKS

    benchmark = BENCHMARKS[version]
    known = _known(benchmark, data, labels)
    result = write_archive(folder, out, benchmark, allow_incomplete=allow_incomplete, metadata=metadata, **known)
    list_problems(result.problems)
    say(f"{result.out}: {result.predictions} of {plural(result.of, 'file')}, sha256 {result.sha256}")
    if len(result.files) > result.predictions:
        say(f"with {result.files[-1]}, the description of the model")
    if result.problems:
        say("incomplete: the leaderboard takes no submission with the problems listed above", err=True)


@app.command()
def template() -> None:
    """Print an example of the file that describes a model, to be filled in.

    Example: xharness submission template > model.toml
    """
    from xharness.submissions.metadata import TEMPLATE

    put(TEMPLATE)


def _known(benchmark: Benchmark, data: Path | None, labels: Path | None) -> dict[str, Any]:
    """What predictions are compared with: gold where there is some, else the data, else published counts."""
    from xharness.submissions.expected import expected_of_data
    from xharness.submissions.files import tasks_of
    from xharness.tasks.common.errors import UserError
    from xharness.tasks.data import DataFolder

    if data is None:
        if labels is not None and not labels.is_dir():
            raise UserError(f"no folder {labels}", "it does not exist or is a file", "check the path")
        return {"gold": labels, "expected": None}
    only_gold = (data / "labels").is_dir() and not (data / "download").is_dir()
    gold = labels or data / "labels" if only_gold else DataFolder.open(data, labels).labels
    return {"gold": gold, "expected": expected_of_data(data, benchmark, tasks_of(benchmark))}
