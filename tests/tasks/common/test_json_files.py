"""One guarded parser for JSON that others wrote."""

import json
from pathlib import Path
from typing import Any

import pytest

from xharness.tasks.common.json_files import MOST_DIGITS, MOST_LEVELS, JsonError, parse_json, read_json


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, True, "ä\n"]}, [], "x", 0, -1e300, [[[]]]])
def test_json_is_read_as_it_is(value: Any) -> None:
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('{"a":\n1,,}', 2, "column"),
        ("", 1, "Expecting value"),
        ("\ufeff{}", 1, "BOM"),
        ('{"label":\n NaN}', 2, "NaN is not a number"),
        ('["NaN", \n-Infinity]', 2, "-Infinity is not a number"),
        ("[1,\n\n1e999]", 3, "1e999 is not a finite number"),
        (f'["{"7" * 5000}",\n{"7" * 5000}]', 2, "a number of 5,000 digits"),
        (f"[1,\n0.{'7' * 5000}]", 2, "digits"),
        (f'["[[",\n{"[" * 100_000}', 2, "brackets in each other"),
        (f'{{"a":\n{"[" * 300}{"]" * 300}}}', 2, "brackets in each other"),
        ('{"a":' * 201 + "1" + "}" * 201, 1, "brackets in each other"),
        ('["\\\\ud800",\n"\\ud800"]', 2, "half a character"),
    ],
)
def test_what_is_refused_is_named_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(JsonError, match=what) as caught:
        parse_json(text)
    assert caught.value.line == line


def test_the_limits_themselves_pass() -> None:
    assert parse_json("7" * MOST_DIGITS) == int("7" * MOST_DIGITS)
    parse_json("[" * MOST_LEVELS + "]" * MOST_LEVELS)
    with pytest.raises(JsonError):
        parse_json("7" * (MOST_DIGITS + 1))
    with pytest.raises(JsonError):
        parse_json("[" * (MOST_LEVELS + 1) + "]" * (MOST_LEVELS + 1))


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert parse_json('"\\ud83d\\ude00"') == "\U0001f600"


def test_a_file_may_have_a_byte_order_mark_and_must_be_utf8(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(b"\xef\xbb\xbf[1]")
    assert read_json(tmp_path / "good.json") == [1]
    (tmp_path / "bad.json").write_bytes(b'["a",\n"\xff"]')
    with pytest.raises(JsonError, match="UTF-8") as caught:
        read_json(tmp_path / "bad.json")
    assert caught.value.line == 2
