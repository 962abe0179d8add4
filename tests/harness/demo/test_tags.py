"""Tagged sentences of the made-up world."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.harness.demo.made import Files, rows
from xharness.tasks.registry import Registry


def tagged(text: str) -> list[list[list[str]]]:
    """Sentences of words of fields; the file ends with one newline and no empty line."""
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    return [rows(block + "\n") for block in text.removesuffix("\n").split("\n\n")]


@pytest.mark.parametrize("name", ["udpos", "panx"])
def test_tags_stand_beside_words(world: Files, name: str) -> None:
    task = Registry().task(name)
    for language in task.languages:
        words = tagged(world[f"download/{name}/test-{language}.tsv"])
        tags = tagged(world[f"labels/{name}/test-{language}.tsv"])
        assert [len(sentence) for sentence in words] == [len(sentence) for sentence in tags]
        assert len(words) == 60
        assert all(len(word) == 1 and word[0].strip() == word[0] != "" for sentence in words for word in sentence)
        counts = Counter(tag[0] for sentence in tags for tag in sentence)
        assert set(counts) <= set(task.labels)
        # Every language uses nearly the whole set, whatever its grammar leaves out.
        assert len(counts) >= (13 if name == "udpos" else 7), (language, counts)
    train = tagged(world[f"download/{name}/train-en.tsv"])
    assert {len(word) for sentence in train for word in sentence} == {2}
    assert set(task.labels) - {word[1] for sentence in train for word in sentence} <= {"X"}


def test_entities_are_well_formed(world: Files) -> None:
    for sentence in tagged(world["download/panx/train-en.tsv"]):
        before = "O"
        for _, tag in sentence:
            if tag.startswith("I-"):
                assert before[2:] == tag[2:]
            before = tag
