"""Rows that others published, from ``published.toml``; each value with the source that it was read in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import TypedDict, cast

from xharness.leaderboard.rows import LeaderboardRow, Protocol, Retrieval, Training


class PublishedValue(TypedDict, total=False):
    """One number of a row: ``value``, or both ``f1`` and ``exact_match``."""

    name: str
    source: str | list[str]
    derived: str
    value: float
    f1: float
    exact_match: float


class PublishedTable(TypedDict, total=False):
    """The numbers of a task by language, in the order of codes in ``order``."""

    order: str
    source: str | list[str]
    values: list[float]
    f1: list[float]
    exact_match: list[float]


class PublishedRow(TypedDict, total=False):
    """One model."""

    model: str
    participant: str
    date: str
    note: str
    training: Training
    retrieval: Retrieval
    values: list[PublishedValue]
    languages: dict[str, PublishedTable]


class PublishedFile(TypedDict):
    """The whole file; sources by the names that values have."""

    sources: dict[str, str]
    row: list[PublishedRow]


def published_rows() -> list[LeaderboardRow]:
    """All quoted rows, in the order of the file."""
    content = published_file()
    return [_row(entry, content["sources"]) for entry in content["row"]]


def published_file() -> PublishedFile:
    """The file as it stands."""
    text = files("xharness.leaderboard").joinpath("published.toml").read_text(encoding="utf-8")
    return cast(PublishedFile, tomllib.loads(text))  # a file of ours, which a test reads


def _row(entry: PublishedRow, sources: Mapping[str, str]) -> LeaderboardRow:
    languages = entry.get("languages", {})
    given = [*(value["source"] for value in entry["values"]), *(table["source"] for table in languages.values())]
    named = [name for source in given for name in ([source] if isinstance(source, str) else source)]
    derived = [f"{value['name']} is derived: {value['derived']}" for value in entry["values"] if "derived" in value]
    return LeaderboardRow(
        model=entry["model"],
        protocol=Protocol(entry["training"], entry["retrieval"]),
        scores={value["name"]: _number(value) for value in entry["values"]},
        languages={task: _by_language(table) for task, table in languages.items()},
        participant=entry["participant"],
        date=entry.get("date", ""),
        note="; ".join([*([entry["note"]] if "note" in entry else []), *derived]),
        sources=tuple(sources[name] for name in dict.fromkeys(named)),
    )


def _number(value: PublishedValue) -> float:
    """The value, or the mean of F1 and exact match, which is what the benchmark averages."""
    return float(value["value"]) if "value" in value else (float(value["f1"]) + float(value["exact_match"])) / 2


def _by_language(table: PublishedTable) -> dict[str, float]:
    order = table["order"].split()
    if "values" in table:
        return dict(zip(order, map(float, table["values"]), strict=True))
    pairs = zip(table["f1"], table["exact_match"], strict=True)
    return dict(zip(order, ((float(f1) + float(exact)) / 2 for f1, exact in pairs), strict=True))
