"""Gold tags."""

from pathlib import Path

from tests.tasks.types.made import differences
from xharness.tasks import udpos
from xharness.tasks.types.tagging import TaggedSentence


def test_tags(tmp_path: Path) -> None:
    sentences = [TaggedSentence("1", ("a", "b")), TaggedSentence("2", ("c",))]
    assert differences(tmp_path, udpos.TASK, sentences, "X\nNOUN\n\nDET\n") == []
    found = differences(tmp_path, udpos.TASK, sentences, "X\n\nDET\nNN\n\nX\n")
    assert found[0] == (6, "3 sentences of gold for 2 sentences")
    assert found[1] == (1, "sentence 1 has 1 tag for 2 words"), "those after it are shifted, and not named"
    assert [line for line, _ in found[2:]] == [4]
    assert differences(tmp_path, udpos.TASK, sentences, "X\n\nDET\nX\n") == [
        (1, "sentence 1 has 1 tag for 2 words"),
        (3, "sentence 2 has 2 tags for 1 word"),
    ]
