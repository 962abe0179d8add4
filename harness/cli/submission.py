"""``xharness submission check`` and ``xharness submission pack``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.score import Version, VersionOption, list_problems, refuse

if TYPE_CHECKING:
    from tasks.registry import Benchmark

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
    from submissions.check import check as find_problems
    from submissions.rules import plural
    from tasks.registry import BENCHMARKS

    benchmark = BENCHMARKS[version]
    problems = find_problems(folder, benchmark, **_known(benchmark, data, labels))
    list_problems(problems)
    if problems:
        refuse(problems, f"{folder} is no complete {version} submission", "mend the files and check again")
    typer.echo(f"{folder}: complete, {plural(benchmark.cells, 'file')} as the leaderboard wants them")
    if data is None and labels is None:
        typer.echo("compared with published counts only; --data also compares words and question ids")


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
    from submissions.pack import pack as write_archive
    from submissions.rules import plural
    from tasks.registry import BENCHMARKS

    benchmark = BENCHMARKS[version]
    known = _known(benchmark, data, labels)
    result = write_archive(folder, out, benchmark, allow_incomplete=allow_incomplete, metadata=metadata, **known)
    list_problems(result.problems)
    typer.echo(f"{result.out}: {result.predictions} of {plural(result.of, 'file')}, sha256 {result.sha256}")
    if len(result.files) > result.predictions:
        typer.echo(f"with {result.files[-1]}, the description of the model")
    if result.problems:
        typer.echo("incomplete: the leaderboard takes no submission with the problems listed above", err=True)


@app.command()
def template() -> None:
    """Print an example of the file that describes a model, to be filled in.

    Example: xharness submission template > model.toml
    """
    from submissions.metadata import TEMPLATE

    typer.echo(TEMPLATE, nl=False)


def _known(benchmark: Benchmark, data: Path | None, labels: Path | None) -> dict[str, Any]:
    """What predictions are compared with: gold where there is some, else the data, else published counts."""
    from submissions.expected import expected_of_data
    from submissions.files import tasks_of
    from tasks.errors import UserError

    for given in (data, labels):
        if given is not None and not given.is_dir():
            raise UserError(f"no folder {given}", "it does not exist or is a file", "check the path")
    if labels is None and data is not None and (data / "labels").is_dir():
        labels = data / "labels"
    expected = expected_of_data(data, benchmark, tasks_of(benchmark)) if data is not None else None
    return {"gold": labels, "expected": expected}
