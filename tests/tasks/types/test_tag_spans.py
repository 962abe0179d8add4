"""Types of tags."""

import pytest

from xharness.tasks.types.tag_spans import type_after_dash, type_after_prefix


@pytest.mark.parametrize(("tag", "old", "new"), [
    ("NOUN", "NOUN", "OUN"), ("B-PER", "PER", "PER"), ("B-A-B", "B", "A-B"), ("X", "X", "_"), ("O", "O", "_"),
    ("_", "_", "_"), ("B-", "", "_"),
])  # fmt: skip
def test_types(tag: str, old: str, new: str) -> None:
    assert (type_after_dash(tag), type_after_prefix(tag)) == (old, new)
