"""The files of the data set of results. No path of this machine and no text of the data is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xharness.export.options import ExportFormat
from xharness.export.tables import render
from xharness.report.gather import NamedRun
from xharness.runs.reading import Run
from xharness.submissions.score_rows import tidy
from xharness.submissions.scores_file import FILE

if TYPE_CHECKING:
    from huggingface_hub import DatasetCard

SCORES = "scores.parquet"


def data_set_files(run: NamedRun, repository: str, predictions: bool) -> dict[str, bytes]:
    """Contents by path: a card, the scores as a table, ``scores.json``, and the predictions if they are wanted."""
    table = render(tidy(run.scores), ExportFormat.PARQUET)
    assert isinstance(table, bytes)
    card = str(_card(run, repository, predictions))
    assert run.whole is not None
    files = {"README.md": card.encode(), SCORES: table, FILE: run.whole.scores_bytes()}
    return files | (_predictions(run.whole) if predictions else {})


def _card(run: NamedRun, repository: str, predictions: bool) -> DatasetCard:
    from huggingface_hub import DatasetCard, DatasetCardData

    configs = [{"config_name": "scores", "data_files": SCORES}]
    data = DatasetCardData(configs=configs, tags=["xharness", run.scores.benchmark])
    lines = [
        f"# Results of [{repository}](https://huggingface.co/{repository})",
        "",
        f"- `{SCORES}`: a row for each number, with its 95 % interval and the parts of its signature",
        "- `scores.json`: the official scorer's keys and numbers, and more under `xharness`",
        *(["- `predictions/`: the files that the leaderboard takes"] if predictions else []),
    ]
    return DatasetCard(f"---\n{data.to_yaml()}\n---\n\n" + "\n".join(lines) + "\n")


def _predictions(run: Run) -> dict[str, bytes]:
    """Those of the cells that have a score."""
    return {
        f"predictions/{record.task}/{record.prediction}": run.prediction_bytes(record)
        for record, _ in run.cells
        if record.prediction and record.language in run.scores.cells.get(record.task, {})
    }
