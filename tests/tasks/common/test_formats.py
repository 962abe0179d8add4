"""Formats by the ending of a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.formats import check_ending, format_of


def test_the_ending_tells_whatever_its_case() -> None:
    endings = {".csv": "sheet", ".md": "text"}
    assert format_of(Path("a.b.CSV"), endings) == "sheet"
    for name in ("a", "a.docx", ".csv"):
        with pytest.raises(UserError) as caught:
            format_of(Path(name), endings, option="--format")
        assert caught.value.fix == "give a name that ends in .csv, .md; or --format"


def test_one_format_refuses_names_of_others_only() -> None:
    check_ending(Path("a.JSON"), ".json")
    check_ending(Path("/dev/stdout"), ".json")
    with pytest.raises(UserError, match="cannot write to"):
        check_ending(Path("a.csv"), ".json")
