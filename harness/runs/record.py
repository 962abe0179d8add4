"""The record of a finished cell, and what in one cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xharness.runs.files import RECORD
from xharness.submissions.score_parts import CELL
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.sealed import is_broken, unsealed
from xharness.tasks.common.shapes import misfit

NOT_EXTRA = {"task", "language", "reason", *CELL}  # what stands beside the extra facts in scores.json


class DamagedCellError(ValueError):
    """A cell whose files are not what ``xharness evaluate`` wrote; the message says in what."""


@dataclass(frozen=True)
class Record:
    """What is kept of a finished cell beside its predictions.

    Attributes:
        key: Hash of everything that could change the answers.
        prediction: Name of the prediction file under ``predictions/<task>/``; empty if the cell has none.
        prediction_sha256: Hash of that file.
        n: Number of items.
        reason: Why the cell has no official score; empty if it has one.
        extra: Facts of the task's own (threshold, layer, sweep, counts).
        variants: Names of further statistics in the same file, and the name of the metric of each.
        items_sha256: Hash of the statistics file; empty if there is none.
        parts: What the key is a hash of, by name, so that a difference can be told; empty in older records.
        failed: The cell has no score because its metric failed; ``reason`` says how.
    """

    task: str
    language: str
    split: str
    key: str
    n: int
    signature: str
    prediction: str = ""
    prediction_sha256: str = ""
    items_sha256: str = ""
    reason: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, str] = field(default_factory=dict)
    parts: JsonObject = field(default_factory=dict)
    failed: bool = False

    @property
    def name(self) -> tuple[str, str, str]:
        """Task, language and split."""
        return self.task, self.language, self.split

    @property
    def stem(self) -> str:
        """What the names of the cell's files begin with."""
        return f"{self.split}-{self.language}"


def parse_record(found: Json, file: str, name: tuple[str, str, str]) -> Record:
    """The record in a file.

    Args:
        file: Name of the file, for messages.
        name: Task, language and split that the file's place says.

    Raises:
        DamagedCellError: it is not one that was written for this cell.
    """
    if wrong := misfit(found, RECORD):
        raise DamagedCellError(f"{file}: {wrong}")
    assert isinstance(found, Mapping)
    if is_broken(found):
        raise DamagedCellError(f"{file} was changed")
    content: dict[str, Any] = dict(unsealed(found))  # of the shape that was just checked
    if unknown := sorted(content.keys() - Record.__dataclass_fields__.keys()):
        raise DamagedCellError(f"{file} has {unknown[0]}: another version of xharness wrote it")
    record = Record(**content)
    if wrong := _contradiction(record, name):
        raise DamagedCellError(f"{file} {wrong}")
    return record


def _contradiction(record: Record, name: tuple[str, str, str]) -> str:
    """What in a record cannot be; empty if nothing."""
    if record.name != name:
        return f"is the record of {record.task} {record.stem}"
    if record.prediction and not _is_own_file(record):
        return f"names the prediction {record.prediction!r}, which is not a file of this cell"
    if not record.items_sha256 and (record.variants or (record.n and not record.reason)):
        return "names no statistics, although the cell has a score"
    if taken := sorted(record.extra.keys() & NOT_EXTRA):
        return f"has extra.{taken[0]}, which only a scorer gives"
    if record.parts and content_key(record.parts) != record.key:
        return "has a key that is not that of its parts"
    return ""


def _is_own_file(record: Record) -> bool:
    plain = Path(record.prediction).name == record.prediction and "\\" not in record.prediction
    return plain and record.prediction.startswith(f"{record.stem}.")
