"""Gold answers."""

from pathlib import Path

from tests.tasks.types.made import differences
from xharness.tasks import xquad
from xharness.tasks.types.extractive_qa import SpanQuestion


def test_answers(tmp_path: Path) -> None:
    questions = [SpanQuestion("a", "?", "c"), SpanQuestion("b", "?", "c")]
    text = """{"data": [{"paragraphs": [{"context": "c", "qas": [
    {"id": "a", "answers": [{"text": "c"}]},
    {"id": "x", "answers": [{"text": "c"}]},
    {"id": "b", "answers": [{"text": ""}]},
    {"id": "a", "answers": [{"text": "c"}]}]}]}]}"""
    assert [what for _, what in differences(tmp_path, xquad.TASK, questions, text)] == [
        "question 'x' of xquad is not among the examples",
        "question 'b' has no answer; was the file blanked?",
        "question 'a' is there twice",
    ]
    assert differences(tmp_path, xquad.TASK, questions, text)[0][0] == 3


def test_an_answer_is_a_text_and_an_id_is_one(tmp_path: Path) -> None:
    text = """{"data": [{"paragraphs": [{"context": "c", "qas": [
    {"id": "a", "answers": [{"text": "c"}, {"text": " "}]},
    {"id": "", "answers": [{"text": "c"}]},
    {"id": 1.5, "answers": [{"text": "c"}]},
    {"id": "b", "answers": [{"text": 7}]},
    {"id": "c", "answers": {"text": "c"}},
    {"id": 12, "answers": [{"text": "c"}]}]}]}]}"""
    assert differences(tmp_path, xquad.TASK, None, text) == [(2, "question 'a' has an empty answer beside others")]
    parsed = xquad.TASK.type.parse_gold(tmp_path / "gold")
    assert [question.id for question in parsed.answers] == ["a", "12"]
    place = "not SQuAD JSON: data[0].paragraphs[0].qas"
    assert [problem.what for problem in parsed.problems] == [
        f"{place}[1] is not a question with an id",
        f"{place}[2] is not a question with an id",
        f"{place}[3] ('b') has 'answers' that are not a list of texts",
        f"{place}[4] ('c') has 'answers' that are not a list of texts",
    ]
