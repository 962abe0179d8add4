"""Cosmos QA, CommonsenseQA and Social IQa as published."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.readers.commonsense import CommonsenseqaReader, CosmosqaReader, SocialiqaReader
from xharness.tasks.types.multiple_choice import ChoiceQuestion

COSMOS = "id,context,question,answer0,answer1,answer2,answer3,label\n"


def lines(*items: Any) -> str:
    return "".join(f"{json.dumps(item)}\n" for item in items)


def csqa(key: str | None = "B", **changes: Any) -> dict[str, Any]:
    choices = [{"label": letter, "text": text} for letter, text in zip("ABCDE", "vwxyz", strict=True)]
    item = {"id": "q", "question": {"stem": "Where?", "choices": choices, **changes}, "answerKey": key}
    return item if key else {name: item[name] for name in ("id", "question")}


def social(**changes: str) -> dict[str, str]:
    return {"context": "Ada left.", "question": "Why?", "answerA": "a", "answerB": "b", "answerC": "c"} | changes


def test_cosmos_csv_and_unlabelled_json(tmp_path: Path) -> None:
    write(tmp_path / "valid.csv", COSMOS + '3#1,"It ""rained"", a lot.",Why?,a,b,c,"None, of all",3\n')
    item = {"id": "t", "context": "c", "question": "q", **{f"answer{number}": "x" for number in range(4)}}
    write(tmp_path / "test.jsonl", lines(item))
    found = CosmosqaReader().read(tmp_path, "en", "dev")
    choices = ("a", "b", "c", "None, of all")
    assert found.examples == [ChoiceQuestion("3#1", 'It "rained", a lot.', "Why?", choices, 3)]
    assert CosmosqaReader().read(tmp_path, "en", "test").gold is None


def test_commonsenseqa_as_published_and_flattened(tmp_path: Path) -> None:
    flat = {
        "id": "q",
        "question": "Where?",
        "choices": {"label": list("ABCDE"), "text": list("vwxyz")},
        "answerKey": "B",
    }
    write(tmp_path / "train_rand_split.jsonl", lines(csqa()))
    write(tmp_path / "val.jsonl", lines(flat))
    expected = ChoiceQuestion("q", "", "Where?", ("v", "w", "x", "y", "z"), 1)
    assert CommonsenseqaReader().read(tmp_path, "en", "train").examples == [expected]
    assert CommonsenseqaReader().read(tmp_path, "en", "dev").examples == [expected]


def test_commonsenseqa_without_answers(tmp_path: Path) -> None:
    write(tmp_path / "test_rand_split_no_answers.jsonl", lines(csqa(None)))
    found = CommonsenseqaReader().read(tmp_path, "en", "test")
    assert (found.gold, found.problems, len(found.examples)) == (None, (), 1)


def test_commonsenseqa_what_is_wrong_is_found(tmp_path: Path) -> None:
    write(tmp_path / "dev.jsonl", lines(csqa("F"), csqa(stem=None), csqa(choices="v"), csqa(choices=[{"label": "A"}])))
    assert problems(CommonsenseqaReader().read(tmp_path, "en", "dev")) == [
        (1, "the label is 'F', none of A, B, C, D, E"),
        (2, "the question has no text"),
        (3, "'choices' is not a list of labels and texts"),
        (3, "the label is 'B', none of "),
        (4, "'choices' is not a list of labels and texts"),
        (4, "the label is 'B', none of "),
    ]


def test_social_letters_and_labels_beside(tmp_path: Path) -> None:
    write(tmp_path / "socialIQa_v1.4_dev.jsonl", lines(social(correct="C")))
    write(tmp_path / "train.jsonl", lines(social(), social()))
    write(tmp_path / "train-labels.lst", "3\n1\n")
    dev = SocialiqaReader().read(tmp_path, "en", "dev")
    assert dev.examples == [ChoiceQuestion("1", "Ada left.", "Why?", ("a", "b", "c"), 2)]
    train = SocialiqaReader().read(tmp_path, "en", "train")
    assert (train.gold, train.problems) == ([2, 0], ())
    assert SocialiqaReader().find(tmp_path, "en", "train") == train.files
    assert len(train.files) == 2


def test_social_labels_that_do_not_fit(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", lines(social(), social()))
    write(tmp_path / "train-labels.lst", "3\n")
    found = SocialiqaReader().read(tmp_path, "en", "train")
    assert [problem.what for problem in found.problems] == ["1 label for 2 questions"]


@pytest.mark.shared_data
def test_real_sizes(shared_data: Path) -> None:
    folder = shared_data / "intermediate"
    sets = [
        (CosmosqaReader(), "cosmosqa", "dev", 2985),
        (CommonsenseqaReader(), "commonsenseqa", "train", 9741),
        (CommonsenseqaReader(), "commonsenseqa", "dev", 1221),
        (SocialiqaReader(), "socialiqa", "dev", 1954),
        (SocialiqaReader(), "socialiqa", "test", 2224),
    ]
    for reader, name, split, size in sets:
        found = reader.read(folder / name, "en", split)
        assert (len(found.examples), len(found.gold or ()), found.problems, found.notes) == (size, size, (), ())
