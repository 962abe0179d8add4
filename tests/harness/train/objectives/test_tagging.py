"""Tags as training targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.harness.train.objectives.made import loaded_of, objective_of
from xharness.tasks import udpos
from xharness.tasks.data import DataFolder
from xharness.tasks.types.tagging import TaggedSentence
from xharness.train.objectives.base import IGNORED


@pytest.mark.shared_data
@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "modernbert"])
def test_tag_labels_sit_on_first_pieces_in_every_language(tiny: Tiny, shared_data: Path, architecture: str) -> None:
    loaded = loaded_of(tiny, architecture)
    data = DataFolder.open(shared_data)
    languages = data.languages(udpos.TASK)
    assert len(languages) >= 16
    for language in languages:
        cell = data.load(udpos.TASK, language, limit=40)
        assert isinstance(cell.gold, list)
        sentences = [
            TaggedSentence(e.id, e.words, tuple(tags))
            for e, tags in zip(cell.examples, cell.gold, strict=True)
            if isinstance(e, TaggedSentence)
        ]
        instances = objective_of(udpos.TASK, sentences, loaded, max_length=128).instances
        by_sentence: dict[str, list[int]] = {}
        for instance in instances:
            by_sentence.setdefault(instance.id, []).extend(tag for tag in instance.target if tag != IGNORED)
        known = {tag: number for number, tag in enumerate(udpos.UPOS)}
        for sentence in sentences:
            wanted = [known[tag] for tag in sentence.tags or () if tag in known]
            assert by_sentence.get(sentence.id, []) == wanted, (language, sentence.id)
        assert max(len(instance.rows[0]) for instance in instances) <= 128
