"""Names of people."""

from __future__ import annotations

from xharness.tasks.diagnostics.multichecklist import LANGUAGES
from xharness.tasks.diagnostics.names import NAMES


def test_names_are_eight_of_each_and_all_different() -> None:
    assert all(len(men) == len(women) == 8 and len({*men, *women}) == 16 for men, women in NAMES.values())
    assert {*LANGUAGES} <= NAMES.keys()
