"""Values of cells."""

from __future__ import annotations

import pytest

from xharness.tables.table import number


@pytest.mark.parametrize(("value", "text"), [(-1.236, "−1.24"), (12345.0, "12,345.00")])
def test_numbers_have_real_minus_signs(value: float, text: str) -> None:
    assert number(value).text == text


def test_numbers_have_real_minus_signs_and_sort_by_value() -> None:
    assert (number(-1.236, sign=True).text, number(-1.236).sort) == ("−1.24", -1.236)
    assert number(12345, 0).text == "12,345"
