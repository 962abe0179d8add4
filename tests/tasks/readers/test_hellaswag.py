"""HellaSwag: the opening of the last sentence goes to the endings; test sets without labels."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.readers.hellaswag import HellaswagReader
from xharness.tasks.types.multiple_choice import ChoiceQuestion


def line(**changes: Any) -> str:
    item = {"ind": 4, "ctx_a": "She lifts the lid.", "ctx_b": "she", "label": 1, "split_type": "zeroshot"}
    item |= {"endings": ["closes it.", "smells it.", "sings.", "is a lid."], "source_id": "activitynet~v_1"}
    return json.dumps({key: value for key, value in (item | changes).items() if value is not ...}) + "\n"


def test_encoding(tmp_path: Path) -> None:
    write(tmp_path / "hellaswag_val.jsonl", line() + line(ctx_b="", label="2", ind=5, source_id="wikihow~3"))
    found = HellaswagReader().read(tmp_path, "en", "dev")
    choices = ("she closes it.", "she smells it.", "she sings.", "she is a lid.")
    facts = {"source": "activitynet", "split_type": "zeroshot"}
    assert found.examples[0] == ChoiceQuestion("4", "She lifts the lid.", "", choices, 1, facts)
    assert found.gold == [1, 2]
    second = found.examples[1]
    assert isinstance(second, ChoiceQuestion)
    assert (second.choices[2], second.facts["source"]) == ("sings.", "wikihow")


def test_a_test_set_without_labels(tmp_path: Path) -> None:
    write(tmp_path / "hellaswag_test.jsonl", line(label=...) + line(label=""))
    found = HellaswagReader().read(tmp_path, "en", "test")
    assert (found.gold, found.problems, len(found.examples)) == (None, (), 2)


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    write(tmp_path / "hellaswag_train.jsonl", line(endings=["a"]) + line(ctx_a=...) + line(label=4) + line(ctx_b=3))
    assert problems(HellaswagReader().read(tmp_path, "en", "train")) == [
        (1, "'endings' is not a list of four texts"),
        (2, "'ctx_a' is missing or not a text"),
        (3, "the label is 4, none of 0, 1, 2, 3"),
        (4, "'ctx_b' is not a text"),
    ]


@pytest.mark.shared_data
def test_real_size(shared_data: Path) -> None:
    found = HellaswagReader().read(shared_data / "intermediate" / "hellaswag", "en", "dev")
    assert (len(found.examples), found.problems, found.notes) == (1000, (), ())
    assert sum(example.facts["source"] == "wikihow" for example in found.examples) == 87
