"""Gold labels."""

from pathlib import Path

from tests.tasks.types.made import differences
from xharness.tasks import xnli
from xharness.tasks.types.text_classification import SentencePair


def test_labels(tmp_path: Path) -> None:
    pairs = [SentencePair(str(number), "a", "b") for number in (1, 2)]
    assert differences(tmp_path, xnli.TASK, pairs, "neutral\nentailment\n") == []
    assert differences(tmp_path, xnli.TASK, pairs, "neutral\n") == [(1, "1 line of gold for 2 examples")]
    assert differences(tmp_path, xnli.TASK, pairs, "neutral\nmaybe\nneutral\nneutral\n") == [
        (3, "4 lines of gold for 2 examples"),
        (2, "label 'maybe' is none of contradiction, entailment, neutral"),
    ]
