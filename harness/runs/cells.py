"""The cells of a run folder: written so that a cell is done or not, and read with every file of it checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from xharness.runs.items import pack_items, unpack_items
from xharness.runs.record import DamagedCellError, Record, parse_record
from xharness.tasks.base import Items
from xharness.tasks.common.files import render_json, sha256, write_atomic
from xharness.tasks.common.json_files import JsonError, read_json
from xharness.tasks.common.npz import NpzError
from xharness.tasks.common.sealed import seal

CellItems = Mapping[str, Items]
StoredCell = tuple[Record, CellItems]


class CellStore:
    """``items/`` and ``predictions/`` of a run folder.

    A cell is done when its record is there, its key is the one asked for and its files are those that the record
    names. The record is written last.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def has_cells(self) -> bool:
        """True if any cell was ever finished here."""
        return any((self.path / "items").glob("*/*.json"))

    def has_record(self, task: str, language: str, split: str) -> bool:
        """True if there is something that looks like the record of a cell."""
        return self._item_path(task, language, split, "json").is_file()

    def names(self) -> list[tuple[str, str, str]]:
        """Task, language and split of everything that looks like a record, in order of their paths."""
        paths = sorted((self.path / "items").glob("*/*-*.json"))
        parts = [(path.parent.name, *path.stem.split("-", 1)) for path in paths]
        return [(task, language, split) for task, split, language in parts]

    # -- reading ------------------------------------------------------------------------------------------------------

    def read(self, task: str, language: str, split: str) -> tuple[Record, dict[str, Items]]:
        """A finished cell and its statistics by name, every file of it checked.

        Raises:
            DamagedCellError: a file of it is missing, was changed, or is not one of ours.
        """
        record = self._read_record(task, language, split)
        if record.prediction:
            _read_hashed(self.prediction_path(task, record.prediction), record.prediction_sha256)
        if not record.items_sha256:
            return record, {}
        content = _read_hashed(self._item_path(task, language, split, "npz"), record.items_sha256)
        try:
            items = unpack_items(content)
        except NpzError as error:
            raise DamagedCellError(f"{record.stem}.npz: {error}") from error
        _check_items(record, items)
        return record, items

    def record(self, task: str, language: str, split: str) -> Record | None:
        """The record of a finished cell whose files are whole, whatever its key; None if there is none."""
        try:
            return self.read(task, language, split)[0]
        except DamagedCellError:
            return None

    def records(self) -> list[Record]:
        """All finished cells in the folder, in order of their paths."""
        return [record for record, _ in self.cells()]

    def cells(self) -> Iterator[StoredCell]:
        """All finished cells with their statistics by name, in order of their paths."""
        for name in self.names():
            try:
                yield self.read(*name)
            except DamagedCellError:
                continue

    def items(self, record: Record) -> dict[str, Items]:
        """The statistics of a cell by name; empty if it has none.

        Raises:
            DamagedCellError: they are not those that were saved.
        """
        return self.read(*record.name)[1]

    def _read_record(self, task: str, language: str, split: str) -> Record:
        path = self._item_path(task, language, split, "json")
        try:
            found = read_json(path)
        except (OSError, JsonError) as error:
            raise DamagedCellError(f"{path.name} cannot be read: {error}") from error
        return parse_record(found, path.name, (task, language, split))

    # -- writing ------------------------------------------------------------------------------------------------------

    def save(self, record: Record, prediction: str | None, items: CellItems) -> None:
        """Write a cell: predictions, statistics, and last the record that makes it done.

        Args:
            prediction: Content of the prediction file; None if the cell has none.
            items: Statistics by name; ``main`` for the official metric, others for variants.
        """
        fields = asdict(record)
        self._item_path(*record.name, "json").unlink(missing_ok=True)
        if prediction is not None:
            path = self.prediction_path(record.task, record.prediction)
            write_atomic(path, prediction)
            fields["prediction_sha256"] = sha256([path])
        if items:
            path = self._item_path(*record.name, "npz")
            write_atomic(path, pack_items(items))
            fields["items_sha256"] = sha256([path])
        write_atomic(self._item_path(*record.name, "json"), render_json(seal(fields)))

    def prediction_path(self, task: str, name: str) -> Path:
        """Where the predictions of a cell lie, under the name that its record gives."""
        return self.path / "predictions" / task / name

    def _item_path(self, task: str, language: str, split: str, suffix: str) -> Path:
        return self.path / "items" / task / f"{split}-{language}.{suffix}"


def sha256_of(content: bytes) -> str:
    """As :func:`xharness.tasks.common.files.sha256` of one file with this content."""
    return hashlib.sha256(hashlib.sha256(content).digest()).hexdigest()


def _read_hashed(path: Path, digest: str) -> bytes:
    """What a file holds, read once: the same bytes are hashed and used."""
    try:
        content = path.read_bytes()
    except OSError:
        content = None
    if content is None or sha256_of(content) != digest:
        raise DamagedCellError(f"{path.name} is missing or was changed since it was written")
    return content


def _check_items(record: Record, items: CellItems) -> None:
    """Raise DamagedCellError for statistics that are not those that the record names."""
    file = f"{record.stem}.npz"
    if missing := [name for name in record.variants if name not in items]:
        raise DamagedCellError(f"{file} has no {missing[0]}, which its record names")
    if "main" in items and record.n != (there := len(items["main"].ids)):
        raise DamagedCellError(f"its record says {record.n} items, and {file} has {there}")
    if "main" not in items and not record.reason:
        raise DamagedCellError(f"{file} has no statistics of its score")
