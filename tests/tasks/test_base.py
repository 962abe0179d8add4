"""Examples and tasks are values: hashable, and equal if everything is, facts included."""

import pickle
from dataclasses import replace

import pytest

from xharness.tasks.registry import built_in
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.tasks.types.tagging import TaggedSentence
from xharness.tasks.types.text_classification import SentencePair

EXAMPLES = [
    SentencePair("1", "a", "b", "x", {"round": "R1"}),
    TaggedSentence("1", ("a",), ("X",), {"section": "00"}),
    SpanQuestion("1", "q", "c", (), {"answerable": "no"}),
    ChoiceQuestion("1", "p", "q", ("a", "b"), 0, {"source": "wikihow"}),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_facts(example: SentencePair) -> None:
    copy = pickle.loads(pickle.dumps(example))
    assert copy == example
    assert hash(copy) == hash(example)
    assert SentencePair("1", "a", "b") != SentencePair("1", "a", "b", facts={"round": "R1"})


def test_tasks_are_hashable_and_equal_tasks_hash_alike() -> None:
    assert len({task: task.name for task in built_in().values()}) == len(built_in())
    (task, *_) = built_in().values()
    assert hash(replace(task)) == hash(task)
    assert replace(task) == task
