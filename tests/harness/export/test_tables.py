"""Records as files."""

from __future__ import annotations

import csv
import io
import json

import pyarrow
from pyarrow import parquet

from xharness.export.options import ExportFormat
from xharness.export.tables import render
from xharness.tasks.common.json_types import JsonObject

RECORDS: list[JsonObject] = [
    {"task": "=1+1", "value": 0.1, "n": 3, "right": True, "low": None, "input": {"first": "ä\n"}},
    {"task": "b", "value": 2, "n": None, "right": False, "low": None, "input": {"words": "x"}},
]


def test_jsonl_is_a_line_a_record() -> None:
    text = render(RECORDS, ExportFormat.JSONL)
    assert isinstance(text, str)
    assert [json.loads(line) for line in text.splitlines()] == RECORDS


def test_csv_has_numbers_with_all_digits_and_objects_as_json() -> None:
    text = render(RECORDS, ExportFormat.CSV)
    assert isinstance(text, str)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0] == {
        "task": "'=1+1", "value": "0.1", "n": "3", "right": "true", "low": "", "input": '{"first": "ä\\n"}',
    }  # fmt: skip


def test_parquet_has_typed_columns_and_the_same_bytes_again() -> None:
    content = render(RECORDS, ExportFormat.PARQUET)
    assert isinstance(content, bytes)
    assert content == render(RECORDS, ExportFormat.PARQUET)
    table = parquet.read_table(io.BytesIO(content))
    types = {"task": "string", "value": "double", "n": "int64", "right": "bool", "low": "double", "input": "string"}
    assert {field.name: str(field.type) for field in table.schema} == types
    assert table.column("value").to_pylist() == [0.1, 2.0]
    assert json.loads(table.column("input")[0].as_py()) == {"first": "ä\n"}
    assert isinstance(table, pyarrow.Table)
