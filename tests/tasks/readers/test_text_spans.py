"""Spans of characters in JSON."""

from typing import Any

import pytest

from xharness.tasks.readers.text_spans import span_of, spans_of


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (0, 6), ("0", 2), (True, 2), (0.0, 2), (None, None)])
def test_what_cannot_be_cut_out(start: Any, end: Any) -> None:
    assert span_of(start, end, "abcde") is None


def test_both_spellings() -> None:
    assert span_of(0, 5, "abcde") == (0, 5)
    assert spans_of([[0, 2], {"start": 2, "end": 5}], "abcde") == [(0, 2), (2, 5)]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "no list of sentences"),
        ("ab", "no list of sentences"),
        ([[0, 1], [2]], "sentence 2 has no start and end"),
        ([[0, 9]], "sentence 1 is 0 to 9, outside its text of 5 characters"),
    ],
)
def test_what_is_wrong_is_told(given: Any, told: str) -> None:
    assert spans_of(given, "abcde") == told
