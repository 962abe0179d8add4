"""Options that several commands have, each with its one description."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xharness.cli import complete

DATA, SPEED, CHECKS, SCREEN = "Data", "Device and speed", "Care", "Screen"
ROBUST = "Robust prediction"

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no table.", rich_help_panel=SCREEN)]
Json = Annotated[bool, typer.Option("--json", help="Print scores.json instead of the table.", rich_help_panel=SCREEN)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")]
OnlyTasks = Annotated[
    str | None, typer.Option(help="Only these tasks and groups, e.g. xnli,qa.", autocompletion=complete.task_names)
]
TasksFrom = Annotated[
    Path | None, typer.Option(help="Python or TOML file that declares tasks of your own.", rich_help_panel=DATA)
]
Track = Annotated[
    str | None,
    typer.Option(
        help="Show the training in trackers, too: tensorboard, wandb, trackio, ... Use commas.",
        rich_help_panel=SCREEN,
        autocompletion=complete.trackers,
    ),
]
Negatives = Annotated[
    int | None,
    typer.Option(help="For dual encoders: pairs of a group, each the others' negatives. Default: the recipe's."),
]
DataSeed = Annotated[
    int | None,
    typer.Option(
        help="Draws the part of train or dev that is used, whatever the seed of the training. Default: 42.",
        rich_help_panel=DATA,
    ),
]


class Version(StrEnum):
    """Which benchmark."""

    XTREME = "xtreme"
    XTREME_R = "xtreme-r"


VersionOption = Annotated[Version, typer.Option("--version", help="Languages and tasks of which benchmark.")]

Model = Annotated[Path, typer.Option(help="Checkpoint, suite (a folder of them named after tasks), or fetched id.")]
DataOption = Annotated[Path, typer.Option(help="Folder with download/ and labels/, or a download/ folder itself.")]
Out = Annotated[Path, typer.Option(help="Run folder. The same command continues an interrupted run.")]
Labels = Annotated[Path | None, typer.Option(help="Gold folder, if not DATA/labels.", rich_help_panel=DATA)]
Device = Annotated[
    str,
    typer.Option(
        help="auto, cpu, cuda, cuda:1, mps; several share the work: cuda:0,cuda:1 or cuda:all.", rich_help_panel=SPEED
    ),
]
Precision = Annotated[str, typer.Option(help="fp32, bf16, fp16 or auto.", rich_help_panel=SPEED)]
BatchTokens = Annotated[int | None, typer.Option(help="Tokens in a batch, padding included.", rich_help_panel=SPEED)]
AllowPickle = Annotated[
    bool, typer.Option("--allow-pickle", help="Load pickle weights, which can run code.", rich_help_panel=CHECKS)
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Throw away another run in OUT.", rich_help_panel=CHECKS)]

Langs = Annotated[
    str | None,
    typer.Option(help="Languages, e.g. de,fr. Default: all in the data.", autocompletion=complete.languages),
]
Limit = Annotated[int | None, typer.Option(help="First N examples of each cell only.", rich_help_panel=DATA)]
Index = Annotated[
    str, typer.Option(help="exact; or approximate with its recall measured: ivf, or a FAISS factory string.")
]
ClassifiedTask = Annotated[str, typer.Option(help="xnli or pawsx.")]
PerturbationSize = Annotated[
    int | None,
    typer.Option(help="ngram: words that stay together (2). window: places that a word moves (3)."),
]

# Of commands that train.
TrainFolder = Annotated[Path, typer.Option(help="Folder with download/, labels/ and the training data.")]
TrainData = Annotated[Path | None, typer.Option(help="Folder of the training data, if not DATA.", rich_help_panel=DATA)]
RecipeName = Annotated[str, typer.Option(help="reference or jiant.", autocompletion=complete.recipe_names)]
TrainDevice = Annotated[str, typer.Option(help="auto, cpu, cuda, mps.", rich_help_panel=SPEED)]
TrainPrecision = Annotated[str, typer.Option(help="fp32, bf16, fp16 or auto.", rich_help_panel=SPEED)]
SaveEvery = Annotated[int, typer.Option(help="Steps between saved states.", rich_help_panel=CHECKS)]

# Of commands that read runs and predictions.
RunArgument = Annotated[Path, typer.Argument(help="Run folder.")]
Predictions = Annotated[Path, typer.Argument(help="Run folder, or folder with files like xnli/test-de.tsv.")]
Gold = Annotated[Path | None, typer.Option(help="Gold folder, if not DATA/labels.")]
