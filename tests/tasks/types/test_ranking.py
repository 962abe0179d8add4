"""Gold entities."""

from pathlib import Path

from tests.tasks.types.made import differences
from xharness.tasks import mewslix


def test_entities(tmp_path: Path) -> None:
    gold = '{"a": ["Q1"],\n"b": ["Q1", "Q1"],\n"c": ["", "Q2"],\n"d": []}'
    assert differences(tmp_path, mewslix.TASK, None, gold) == [
        (2, "a gold candidate of 'b' is there twice"),
        (3, "'c' has no gold candidate; was the file blanked?"),
        (4, "'d' has no gold candidate; was the file blanked?"),
    ]
