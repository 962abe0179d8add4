"""csv quoting is undone where Python's csv module wrote it, and nowhere else."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from xharness.tasks.readers.quoting import is_quoted, quote, undo

FIELD = st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n"), min_size=1)


def written(rows: list[list[str]]) -> list[list[str]]:
    """Rows as XTREME writes them, cut at line ends and tabs as its reader does."""
    file = io.StringIO()
    csv.writer(file, delimiter="\t").writerows(rows)
    return [line.split("\t") for line in file.getvalue().split("\r\n")[:-1]]


@given(st.lists(st.lists(FIELD, min_size=2, max_size=2), min_size=1))
def test_what_csv_wrote_comes_back(rows: list[list[str]]) -> None:
    assert undo(written(rows))[0] == rows


@given(FIELD)
def test_quote_writes_what_csv_writes(field: str) -> None:
    assert [quote(field), "x"] == written([[field, "x"]])[0]


def test_raw_quotes_are_left_alone() -> None:
    rows = [['"Yes."', '""'], ['He said "no".', '"A" and "B"'], ['"', 'say ""x""']]
    assert undo(rows) == (rows, 0)


def test_one_field_of_quoted_shape_does_not_make_a_raw_file_quoted() -> None:
    rows = [['"a ""b"" c"', "x"], ['He said "no".', 'She said "yes".']]
    assert undo(rows) == (rows, 0)


def test_one_broken_field_in_a_quoted_file_stays_as_it_is() -> None:
    rows = [['"a ""b"""', '"""c"" d"'], ['"a ""b', "x"]]
    assert undo(rows) == ([['a "b"', '"c" d'], ['"a ""b', "x"]], 2)


def test_shapes() -> None:
    assert is_quoted('""""')
    assert not is_quoted('"""')
    assert not is_quoted('"a"b""')
