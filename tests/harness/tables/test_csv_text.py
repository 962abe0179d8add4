"""Tables as CSV."""

from __future__ import annotations

import csv
import io

from tests.harness.tables.made import TABLE
from xharness.tables import csv_text
from xharness.tables.table import Table, TableRow, exact


def test_csv_gives_numbers_as_they_are_and_keeps_formulas_from_acting() -> None:
    rows = [TableRow([exact("=1+1"), exact(-0.1234567), exact(None)])]
    read = list(csv.reader(io.StringIO(csv_text.render(Table("t", "", TABLE.columns, rows)))))
    assert read == [["name", "95 % score", "empty"], ["'=1+1", "-0.1234567", ""]]
