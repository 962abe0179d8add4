"""SQuAD 1.1 and 2.0: names, questions without an answer, translated questions whose answer is nowhere."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.readers.squad import read_squad
from xharness.tasks.readers.squad_english import SquadReader
from xharness.tasks.types.extractive_qa import QuestionGold, SpanQuestion

CONTEXT = "At noon Ada left."


def save(path: Path, *questions: dict[str, Any]) -> Path:
    return write(path, json.dumps({"data": [{"paragraphs": [{"context": CONTEXT, "qas": list(questions)}]}]}, indent=1))


def question(name: str, *answers: tuple[str, int], **more: Any) -> dict[str, Any]:
    listed = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": name, "question": f"Who {name}?", "answers": listed, **more}


def test_version_2_has_questions_without_an_answer(tmp_path: Path) -> None:
    plausible = {"plausible_answers": [{"text": "Ada", "answer_start": 8}], "is_impossible": True}
    yes = question("a", ("Ada", 8), is_impossible=False)
    save(tmp_path / "squad" / "train-v2.0.json", yes, question("b", **plausible))
    found = SquadReader("2.0").read(tmp_path, "en", "train")
    assert found.examples == [
        SpanQuestion("a", "Who a?", CONTEXT, (("Ada", 8),), {"answerable": "yes"}),
        SpanQuestion("b", "Who b?", CONTEXT, (), {"answerable": "no"}),
    ]
    assert found.gold == [QuestionGold("a", ("Ada",), "a"), QuestionGold("b", ("",), "a")]
    assert not found.problems


def test_version_1_does_not(tmp_path: Path) -> None:
    save(tmp_path / "train-v1.1.json", question("a", ("Ada", 8)), question("b", is_impossible=True))
    found = SquadReader().read(tmp_path, "en", "train")
    assert [what for _, what in problems(found)] == ["question 'b' has no answer, others have"]


def test_the_versions_do_not_mix_up_their_files(tmp_path: Path) -> None:
    for version in ("1.1", "2.0"):
        save(tmp_path / f"dev-v{version}.json", question("a", ("Ada", 8)))
    assert SquadReader().find(tmp_path, "en", "dev")[0].name == "dev-v1.1.json"
    assert SquadReader("2.0").find(tmp_path, "en", "dev")[0].name == "dev-v2.0.json"
    assert SquadReader().find(tmp_path, "en", "train") == SquadReader().find(tmp_path, "de", "dev") == ()


def test_translated_questions_without_a_place_are_left_out(tmp_path: Path) -> None:
    path = save(tmp_path / "a.json", question("a", ("Ada", 8)), question("b", ("Ada", 3)), question("c"))
    found = read_squad(path, translated=True)
    assert [gold.id for gold in found.gold or ()] == ["a"]
    assert found.notes == ("a.json: 2 questions left out: the answer does not stand in the translated text",)
    assert not found.problems


@pytest.mark.shared_data
def test_real_sizes(shared_data: Path) -> None:
    for split, size in (("train", 4330), ("dev", 1000)):
        found = SquadReader().read(shared_data / "intermediate" / "squad", "en", split)
        assert (len(found.examples), found.problems) == (size, ())
    for name, size in (("HCVerifyAll", 3560), ("HCVerifySample", 1787)):
        found = read_squad(shared_data / "intermediate" / "adversarial_squad" / f"sample1k-{name}.json")
        assert (len(found.examples), found.problems) == (size, ())
