"""Which parts names mean."""

from __future__ import annotations

import pytest

from xharness.fetch.plan import select
from xharness.tasks.registry import XTREME_R

ADDED = {"udpos": "lt pl uk wo ro", "panx": "qu pl uk az lt pa gu ro", "tatoeba": "az lt pl uk ro", "xquad": "ro"}


@pytest.mark.parametrize("task", ADDED)
def test_languages_that_xtreme_r_adds_come_with_it_and_by_their_own_names(task: str) -> None:
    added = {f"{task}/{language}" for language in ADDED[task].split()}
    whole = {part.name for part in select(["xtreme-r"], None)[0]}
    assert added <= whole
    assert {f"{task}/{language}" for language in XTREME_R.languages[task]} <= whole
    assert not added & {part.name for part in select([task], None)[0]}
    for name in added:
        assert [part.name for part in select([name], None)[0]] == [name]
