"""Results that others published, each with what is known of its protocol.

They stand in ``published.toml``, in the leaderboard's rows, and in a file of the user's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path

from xharness.leaderboard.published import PublishedRow, PublishedTable, PublishedValue, published_file
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.typed_toml import read_toml

SCORE = "score"  # what the benchmark averages: the mean of a task's primary scores


@dataclass(frozen=True)
class PublishedResult:
    """One model on one task.

    Attributes:
        name: Of the result, for people.
        values: By measure and then in the order of codes in ``order``, in percent.
        averages: By measure over all languages of the task, where nothing by language is known.
        protocol: What is known of how it came about. ``layer``, ``pooling`` and ``prompt`` are compared with what was
            run; everything else is shown.
    """

    task: str
    model: str
    name: str
    source: str
    order: str = ""
    values: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    averages: Mapping[str, float] = field(default_factory=dict)
    protocol: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def by_language(self, measure: str) -> dict[str, float]:
        """The values of one measure; empty where it has an average only."""
        return dict(zip(self.order.split(), self.values.get(measure, ()), strict=False))


@dataclass(frozen=True)
class PublishedResults:
    """A file of them."""

    result: tuple[PublishedResult, ...]


def published_results(own: Path | None = None) -> list[PublishedResult]:
    """Every result that is known.

    Args:
        own: A file like ``published.toml`` with further results.

    Raises:
        UserError: the user's file cannot be read, or a row of it has not as many values as languages.
    """
    with as_file(files("xharness.reproduction").joinpath("published.toml")) as path:
        found = [*read_toml(path, PublishedResults).result, *_leaderboard()]
    if own is not None:
        found += _checked(read_toml(own, PublishedResults).result, own)
    return found


def results_for(task: str, model: str, known: Sequence[PublishedResult]) -> list[PublishedResult]:
    """The results of a model on a task, whatever the case and the punctuation of its name. May be empty."""
    return [each for each in known if each.task == task and plain(each.model) == plain(model)]


def plain(name: str) -> str:
    """A model's name without organisation, revision, case and punctuation, to find it again."""
    return re.sub(r"[^a-z0-9]", "", name.rpartition("/")[2].partition("@")[0].lower())


def _checked(results: Sequence[PublishedResult], path: Path) -> Sequence[PublishedResult]:
    for number, each in enumerate(results, start=1):
        languages = len(each.order.split())
        for measure, values in each.values.items():
            if len(values) != languages or not languages:
                why = f"{measure} has {len(values)} values and order {languages} languages"
                raise UserError(f"result {number} of {path} does not fit", why, "give a value for each language")
        if not each.values and not each.averages:
            raise UserError(f"result {number} of {path} says nothing", "it has no values", "add values or averages")
    return results


def _leaderboard() -> Iterator[PublishedResult]:
    """The leaderboard's rows, one result for each task that they have a number of."""
    content = published_file()
    for row in content["row"]:
        averages = {value["name"]: _averages(value) for value in row["values"] if "derived" not in value}
        for task in dict.fromkeys([*averages, *row.get("languages", {})]):
            yield _of_row(row, task, averages.get(task, {}), content["sources"])


def _averages(value: PublishedValue) -> dict[str, float]:
    return {SCORE: value["value"]} if "value" in value else {"f1": value["f1"], "exact_match": value["exact_match"]}


def _of_row(row: PublishedRow, task: str, averages: Mapping[str, float], sources: Mapping[str, str]) -> PublishedResult:
    table = row.get("languages", {}).get(task)
    named = table["source"] if table else next(v["source"] for v in row["values"] if v["name"] == task)
    return PublishedResult(
        task=task,
        model=row["model"],
        name=row["participant"],
        source="; ".join(sources[name] for name in ([named] if isinstance(named, str) else named)),
        order=table["order"] if table else "",
        values=_by_language(table) if table else {},
        averages={} if table else averages,
        protocol={"training": row["training"]} if "training" in row else {},
    )


def _by_language(table: PublishedTable) -> dict[str, tuple[float, ...]]:
    if "values" in table:
        return {SCORE: tuple(map(float, table["values"]))}
    return {"f1": tuple(map(float, table["f1"])), "exact_match": tuple(map(float, table["exact_match"]))}
