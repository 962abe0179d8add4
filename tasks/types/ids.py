"""Prediction files that answer by id: all ids, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from xharness.tasks.common.text import plural
from xharness.tasks.types.findings import Finding, PredictionFile, first_of, wrong_count

Answer = TypeVar("Answer")


def id_findings(file: PredictionFile[dict[str, Answer]]) -> Iterator[Finding]:
    """Unknown and missing ids of questions or mentions."""
    expected, is_broken = file.expected, bool(file.broken)
    if expected is None or (is_broken and not file.answers):
        return
    if expected.ids is None:
        if not is_broken:
            yield from wrong_count(len(file.answers), expected, "answer")
        return
    known = set(expected.ids)
    unknown = [
        Finding(line, f"unknown id '{name}' ({expected.source}); it answers no question of this file")
        for name, line in zip(file.answers, file.lines, strict=True)
        if name not in known
    ]
    if unknown and len(unknown) == len(file.answers):
        what = f"not one of {plural(len(unknown), 'id')} is known ({expected.source})"
        yield Finding(0, f"{what}; is it the file of another language or split?")
        return
    yield from first_of(unknown, "ids")
    if not is_broken:
        yield from first_of(_missing(expected.ids, file.answers, expected.source), "ids")


def _missing(wanted: tuple[str, ...], answers: Mapping[str, object], source: str) -> list[Finding]:
    missing = [name for name in dict.fromkeys(wanted) if name not in answers]
    return [Finding(0, f"no answer to '{name}' ({source}); it counts 0") for name in missing]
