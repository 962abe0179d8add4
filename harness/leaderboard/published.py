"""Rows that others published, from ``published.toml``; each value with the source that it was read in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from xharness.leaderboard.rows import Protocol, Row


def published_rows() -> list[Row]:
    """All quoted rows, in the order of the file."""
    content = tomllib.loads(files("xharness.leaderboard").joinpath("published.toml").read_text(encoding="utf-8"))
    return [_row(entry, content["sources"]) for entry in content["row"]]


def _row(entry: Mapping[str, Any], sources: Mapping[str, str]) -> Row:
    languages = entry.get("languages", {})
    given = [*(value["source"] for value in entry["values"]), *(table["source"] for table in languages.values())]
    named = [name for source in given for name in ([source] if isinstance(source, str) else source)]
    derived = [f"{value['name']} is derived: {value['derived']}" for value in entry["values"] if "derived" in value]
    return Row(
        model=entry["model"],
        protocol=Protocol(entry["training"], entry["retrieval"]),
        scores={value["name"]: _number(value) for value in entry["values"]},
        languages={task: _by_language(table) for task, table in languages.items()},
        participant=entry["participant"],
        date=entry.get("date", ""),
        note="; ".join([*([entry["note"]] if "note" in entry else []), *derived]),
        sources=tuple(sources[name] for name in dict.fromkeys(named)),
    )


def _number(value: Mapping[str, Any]) -> float:
    """The value, or the mean of F1 and exact match, which is what the benchmark averages."""
    return float(value["value"]) if "value" in value else (float(value["f1"]) + float(value["exact_match"])) / 2


def _by_language(table: Mapping[str, Any]) -> dict[str, float]:
    order = table["order"].split()
    if "values" in table:
        return dict(zip(order, map(float, table["values"]), strict=True))
    pairs = zip(table["f1"], table["exact_match"], strict=True)
    return dict(zip(order, ((float(f1) + float(exact)) / 2 for f1, exact in pairs), strict=True))
