"""Records with the same columns as CSV, JSON lines or parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence

from xharness.export.options import ExportFormat
from xharness.tables import csv_text
from xharness.tables.table import Column, Table, TableCell, TableRow, exact, words
from xharness.tasks.common.json_types import Json

Records = Sequence[Mapping[str, Json]]


def render(records: Records, form: ExportFormat) -> str | bytes:
    """All records as the content of a file; they have at least one, and all the same columns."""
    match form:
        case ExportFormat.JSONL:
            return "".join(f"{_json(record)}\n" for record in records)
        case ExportFormat.PARQUET:
            return _parquet(records)
        case _:
            return _csv(records)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _csv(records: Records) -> str:
    columns = [Column(name) for name in records[0]]
    rows = [TableRow([_cell(value) for value in record.values()]) for record in records]
    return csv_text.render(Table("export", "", columns, rows))


def _cell(value: Json) -> TableCell:
    """Numbers with all their digits; objects as JSON."""
    if isinstance(value, bool):
        return words(str(value).lower())
    if value is None or isinstance(value, int | float | str):
        return exact(value)
    return words(_json(value))


def _parquet(records: Records) -> bytes:
    """The same for the same records; objects are texts of JSON, for their names differ from task to task."""
    import pyarrow
    from pyarrow import parquet

    columns = {name: [_flat(record[name]) for record in records] for name in records[0]}
    schema = pyarrow.schema([(name, _type(pyarrow, values)) for name, values in columns.items()])
    written = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pydict(columns, schema=schema), written)
    return written.getvalue()


def _flat(value: Json) -> Json:
    return value if value is None or isinstance(value, bool | int | float | str) else _json(value)


def _type(pyarrow: object, values: Sequence[Json]) -> object:
    """The type of a column, told from its values: of the same kind, or unknown."""
    known = {type(value) for value in values if value is not None}
    name = "bool_" if known == {bool} else "int64" if known == {int} else "string" if known & {str} else "float64"
    return getattr(pyarrow, name)()
