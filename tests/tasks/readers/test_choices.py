"""XCOPA: labels that XTREME sets to 0, upstream names, broken lines."""

import json
from pathlib import Path
from typing import Any

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.readers.choices import XcopaReader
from xharness.tasks.types.multiple_choice import ChoiceQuestion


def line(**changes: Any) -> str:
    item = {"premise": "It fell.", "choice1": "It broke.", "choice2": "It sang.", "question": "effect", "label": 0}
    return json.dumps({key: value for key, value in (item | changes).items() if value is not ...}) + "\n"


def test_a_test_file_whose_labels_are_all_0_carries_no_gold(tmp_path: Path) -> None:
    write(tmp_path / "test-th.jsonl", line() + line())
    found = XcopaReader().read(tmp_path, "th", "test")
    expected = ChoiceQuestion("1", "It fell.", "What was the effect?", ("It broke.", "It sang."))
    assert (found.examples[0], found.gold) == (expected, None)
    assert not found.problems


def test_labels_that_vary_are_gold_and_so_are_those_of_dev(tmp_path: Path) -> None:
    write(tmp_path / "data" / "th" / "test.th.jsonl", line() + line(label=1, question="cause"))
    write(tmp_path / "val-th.jsonl", line() + line())
    assert XcopaReader().read(tmp_path, "th", "test").gold == [0, 1]
    assert XcopaReader().read(tmp_path, "th", "test").examples[1].label == 1
    assert XcopaReader().read(tmp_path, "th", "dev").gold == [0, 0]


def test_english_comes_from_copa(tmp_path: Path) -> None:
    write(tmp_path / "COPA" / "train.jsonl", line(label=1))
    write(tmp_path / "COPA" / "test.jsonl", line(label=...))
    assert XcopaReader().read(tmp_path, "en", "train").gold == [1]
    test = XcopaReader().read(tmp_path, "en", "test")
    assert (test.gold, test.problems) == (None, ())
    assert XcopaReader().find(tmp_path, "th", "train") == ()


def test_half_a_character(tmp_path: Path) -> None:
    write(tmp_path / "val-th.jsonl", line(premise="\ud83d\ude00") + line(premise="\ud83d"))
    assert problems(XcopaReader().read(tmp_path, "th", "dev")) == [(2, "a text holds half a character")]


def test_every_broken_line_is_found(tmp_path: Path) -> None:
    text = line() + '{"premise": \n' + "\n" + "[1]\n" + line(premise=" ") + line(question="why") + line(label="1")
    (tmp_path / "val-th.jsonl").write_bytes(
        (text + line(label=...)).encode() + line().encode().replace(b"sang", b"s\xff")
    )
    found = XcopaReader().read(tmp_path, "th", "dev")
    assert problems(found) == [
        (2, "broken JSON: Expecting value (column 13)"),
        (3, "empty line"),
        (4, "not a JSON object"),
        (5, "'premise' is missing or empty"),
        (6, "'question' is 'why', not 'cause' or 'effect'"),
        (7, "'label' is '1', not 0 or 1"),
        (8, "no label"),
        (9, "byte 65 of the line is not UTF-8"),
    ]
    assert len(found.examples) == 9
    assert found.gold is None
