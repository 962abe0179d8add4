"""The card of a model: what it scores, as text for people and as ``model-index`` for the hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xharness.report import origins, score_tables
from xharness.report.gather import NamedRun
from xharness.submissions.score_rows import Kind, Level, score_rows
from xharness.submissions.signature import Signature
from xharness.tables import escapes
from xharness.tables import markdown as markdown_table
from xharness.tables.table import Table
from xharness.tasks.registry import Registry

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, ModelCard

SOURCE = "xharness"
"""Name of the source of a result: those of an earlier push are known by it."""


def results_of(run: NamedRun, registry: Registry, url: str) -> list[EvalResult]:
    """Every official number of a cell, and the average of each task, with interval and signature.

    Args:
        url: Of the data set that holds all of them.
    """
    from huggingface_hub import EvalResult

    found = []
    for row in score_rows(run.scores):
        task = registry.tasks.get(row.task)
        wanted = Kind.METRIC if row.level is Level.CELL else Kind.SCORE
        if task is None or row.level not in (Level.CELL, Level.TASK) or row.kind is not wanted:
            continue
        interval = None if row.interval_low is None else [row.interval_low, row.interval_high]
        told = {"interval_95": interval, "not_zero_shot": row.not_zero_shot, "signature": row.signature, "n": row.n}
        found.append(
            EvalResult(
                task_type=task.type.hub_task,
                task_name=task.type.title,
                dataset_type=task.name,
                dataset_name=f"{task.title} ({row.language or f'{row.n} languages'})",
                dataset_config=row.language or "average",
                dataset_split=Signature.parse(row.signature)["split"] or "test",
                metric_type=row.metric if row.level is Level.CELL else "average",
                metric_name=row.metric,
                metric_value=row.value,
                metric_args={name: value for name, value in told.items() if value not in (None, "")},
                source_name=SOURCE,
                source_url=url,
            )
        )
    return found


def new_card(run: NamedRun, registry: Registry, results: Sequence[EvalResult]) -> ModelCard:
    """A card where a model has none."""
    from huggingface_hub import ModelCard, ModelCardData

    languages = sorted({code for cells in run.scores.cells.values() for code in cells})
    data = ModelCardData(
        model_name=run.name.partition("/")[2] or run.name,
        eval_results=list(results),
        language=languages,
        library_name="transformers",
        tags=[SOURCE, run.scores.benchmark],
    )
    return ModelCard(f"---\n{data.to_yaml()}\n---\n\n{_text(run, registry)}", ignore_metadata_errors=False)


def updated_card(content: str, results: Sequence[EvalResult], name: str) -> ModelCard:
    """A card that is there with these results in the place of those of an earlier push; its text stays.

    Raises:
        ValueError: its metadata cannot be read.
    """
    from huggingface_hub import ModelCard

    card = ModelCard(content)
    data: Any = card.data  # a ModelCardData, which its type does not say
    others = [each for each in data.eval_results or () if each.source_name != SOURCE]
    data.eval_results = [*others, *results]
    data.model_name = data.model_name or name
    return card


def _text(run: NamedRun, registry: Registry) -> str:
    """Tables of scores, what must be said beside them, and what made the model."""
    parts = [f"# {escapes.markdown(run.name)}", _INTRODUCTION]
    parts += [_section(table) for table in _tables(run, registry)]
    if said := origins.remarks(run):
        parts.append("\n".join(f"- {escapes.markdown(line)}" for line in said))
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = (
    "Evaluated with xharness, as the official scorer of the benchmark does; intervals are 95 %. "
    "What produced each number is its signature, in the metadata of this card and in the data set of results."
)


def _tables(run: NamedRun, registry: Registry) -> Iterator[Table]:
    yield score_tables.summary([run], registry.tasks)
    yield from score_tables.matrices([run])
    models = origins.models([run])  # paths of this machine are nobody else's business
    yield replace(models, columns=models.columns[:-1], rows=[replace(row, cells=row.cells[:-1]) for row in models.rows])


def _section(table: Table) -> str:
    return f"## {escapes.markdown(table.heading)}\n\n" + "\n".join(markdown_table.render(table))
