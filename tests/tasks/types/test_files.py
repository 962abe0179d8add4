"""Prediction and gold files: the official scorer's line rules, JSON with line numbers, and what we write."""

import json
from pathlib import Path
from typing import Any, Protocol

import pytest

from xharness.tasks.types.base import TaskType
from xharness.tasks.types.bitext_mining import BITEXT_MINING
from xharness.tasks.types.bitext_retrieval import BITEXT_RETRIEVAL
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA, QuestionGold
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE
from xharness.tasks.types.ranking import RANKING
from xharness.tasks.types.tagging import TAGGING
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION


class Write(Protocol):
    def __call__(self, content: str | bytes, name: str = ...) -> Path: ...


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(content: str | bytes, name: str = "test-de.tsv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.mark.parametrize(("text", "answers"), [
    ("a\nb\n", ["a", "b"]),
    ("a\nb", ["a", "b"]),
    ("a\r\nb\r\n", ["a", "b"]),
    (" a \t\nb\n", ["a", "b"]),
    ("a\n\nb\n", ["a", "", "b"]),
    ("a\n\n", ["a", ""]),
    ("a\n \n", ["a", ""]),
    ("", []),
    ("\ufeffa\n", ["a"]),
    ("a\u2028b\x0bc\x85d\n", ["a\u2028b\x0bc\x85d"]),
])  # fmt: skip
def test_label_lines(write: Write, text: str, answers: list[str]) -> None:
    parsed = TEXT_CLASSIFICATION.parse_answers(write(text))
    assert parsed.answers == answers
    assert parsed.lines == tuple(range(1, len(answers) + 1))
    assert not parsed.problems


@pytest.mark.parametrize(("text", "sentences", "lines"), [
    ("A\nB\n\nC\n", [["A", "B"], ["C"]], (1, 4)),
    ("A\nB\n\nC", [["A", "B"], ["C"]], (1, 4)),
    ("A\n\n", [["A"]], (1,)),
    ("A\n\n\n", [["A"], []], (1, 3)),
    ("\nA\n", [[], ["A"]], (1, 2)),
    ("A\n\n\nB\n", [["A"], [], ["B"]], (1, 3, 4)),
    ("A\r\n \t\r\nB\r\n", [["A"], ["B"]], (1, 3)),
    ("A x\n", [["A x"]], (1,)),
    ("", [], ()),
    ("\n", [[]], (1,)),
])  # fmt: skip
def test_tag_sentences(write: Write, text: str, sentences: list[list[str]], lines: tuple[int, ...]) -> None:
    parsed = TAGGING.parse_answers(write(text))
    assert parsed.answers == sentences
    assert parsed.lines == lines


def test_pairs_are_split_on_tabs(write: Write) -> None:
    parsed = BITEXT_MINING.parse_answers(write("de-1\ten-2\r\n\nde-3 en-4\n"))
    assert parsed.answers == [("de-1", "en-2"), ("",), ("de-3 en-4",)]


def test_a_byte_that_is_not_utf8_is_a_problem_with_its_line(write: Write) -> None:
    parsed = TEXT_CLASSIFICATION.parse_answers(write(b"a\nb\xffc\n"))
    assert [(problem.line, problem.what) for problem in parsed.problems] == [
        (2, "byte 0xff is not UTF-8; save the file as UTF-8")
    ]


def test_choices_read_the_label_and_name_every_bad_line(write: Write) -> None:
    parsed = MULTIPLE_CHOICE.parse_answers(
        write('{"label": 1, "x": 2}\n\n{"label"\n[1]\n{"labels": 1}\n{"label": "0"}\n')
    )
    assert parsed.answers == [1, None, None, None, None, "0"]
    assert [problem.line for problem in parsed.problems] == [2, 3, 4, 5]
    assert parsed.problems[0].what == "an empty line; delete it"
    assert "not JSON" in parsed.problems[1].what
    assert 'no "label" in [1]' in parsed.problems[2].what


def test_answers_and_their_lines(write: Write) -> None:
    parsed = EXTRACTIVE_QA.parse_answers(write('{\n  "q1": "a: b",\n  "q\\"2": "x\\ny", "q3": ""\n}'))
    assert parsed.answers == {"q1": "a: b", 'q"2': "x\ny", "q3": ""}
    assert parsed.lines == (2, 3, 3)


def test_a_key_named_data_is_unwrapped(write: Write) -> None:
    assert EXTRACTIVE_QA.parse_answers(write('{"version": "1", "data": {"q1": "a"}}')).answers == {"q1": "a"}
    assert RANKING.parse_answers(write('{"data": {"m1": ["Q1"]}}')).answers == {"m1": ["Q1"]}


def test_broken_json_names_its_line(write: Write) -> None:
    parsed = EXTRACTIVE_QA.parse_answers(write('{\n"q1": "a"\n"q2": "b"}'))
    assert parsed.answers == {}
    assert parsed.problems[0].line == 3
    assert parsed.problems[0].what.startswith("broken JSON: Expecting ',' delimiter (column 1)")


@pytest.mark.parametrize(("text", "what"), [
    ("[1]", "holds a JSON list, not one object of ids and answers"),
    ('"x"', "holds a JSON string, not one object of ids and answers"),
    ('{"data": null}', "holds a JSON null, not one object of ids and answers"),
])  # fmt: skip
def test_json_of_another_shape(write: Write, text: str, what: str) -> None:
    assert [problem.what for problem in EXTRACTIVE_QA.parse_answers(write(text)).problems] == [what]


def test_answers_that_are_no_text_and_ids_that_repeat_are_problems(write: Write) -> None:
    parsed = EXTRACTIVE_QA.parse_answers(write('{"q1": null,\n"q2": 3,\n"q3": "a",\n"q3": "b"}'))
    assert parsed.answers == {"q3": "b"}
    assert [problem.line for problem in parsed.problems] == [1, 2, 4]
    assert parsed.problems[0].what == 'answer of \'q1\' is null, not a text: write "id": "answer"'
    assert parsed.problems[2].what == "id 'q3' is there twice, first on line 3; keep one"


def test_rankings_are_lists_of_ids(write: Write) -> None:
    parsed = RANKING.parse_answers(write('{"m1": ["Q1"], "m2": "Q2", "m3": [1], "m4": []}'))
    assert parsed.answers == {"m1": ["Q1"], "m4": []}
    assert len(parsed.problems) == 2


def squad(*paragraphs: tuple[str | None, list[str]]) -> str:
    """One article a paragraph, as blanked files have it; a question's answer is its id in capitals."""
    articles = []
    for context, ids in paragraphs:
        questions = [{"id": name, "question": "?", "answers": [{"text": name.upper()}]} for name in ids]
        articles.append({"paragraphs": [{"qas": questions} | ({"context": context} if context else {})]})
    return json.dumps({"data": articles}, indent=1)


def test_questions_on_one_context_share_a_cluster(write: Write) -> None:
    path = write(squad(("one", ["q1"]), ("two", ["q2", "q3"]), ("one", ["q4"]), (None, ["q5"]), (None, ["q6"])))
    parsed = EXTRACTIVE_QA.parse_gold(path)
    assert parsed.answers == [
        QuestionGold("q1", ("Q1",), "q1"),
        QuestionGold("q2", ("Q2",), "q2"),
        QuestionGold("q3", ("Q3",), "q2"),
        QuestionGold("q4", ("Q4",), "q1"),
        QuestionGold("q5", ("Q5",), "q5"),
        QuestionGold("q6", ("Q6",), "q6"),
    ]
    text = path.read_text().split("\n")
    assert [json.loads("{" + text[line - 1].strip(" ,") + "}")["id"] for line in parsed.lines] == [
        "q1", "q2", "q3", "q4", "q5", "q6",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"data": [{"paragraphs": [{"qas": [{"answers": []}]}]}]}', '{"data": 3}']
)
def test_gold_of_another_shape_is_a_problem(write: Write, text: str) -> None:
    assert "not SQuAD JSON" in EXTRACTIVE_QA.parse_gold(write(text)).problems[0].what


@pytest.mark.parametrize(("kind", "answers", "text"), [
    (TEXT_CLASSIFICATION, ["neutral", "entailment"], "neutral\nentailment\n"),
    (BITEXT_RETRIEVAL, ["3", "0"], "3\n0\n"),
    (TAGGING, [["A", "B"], ["C"]], "A\nB\n\nC\n"),
    (BITEXT_MINING, [("de-1", "en-2")], "de-1\ten-2\n"),
    (MULTIPLE_CHOICE, [0, 1], '{"label": 0}\n{"label": 1}\n'),
    (EXTRACTIVE_QA, {"b": "ü", "a": ""}, '{\n    "b": "\\u00fc",\n    "a": ""\n}\n'),
    (RANKING, {"m": ["Q1"]}, '{\n    "m": [\n        "Q1"\n    ]\n}\n'),
    (TEXT_CLASSIFICATION, [], ""),
])  # fmt: skip
def test_render_and_read_back(write: Write, kind: TaskType[Any, Any, Any], answers: object, text: str) -> None:
    assert kind.render(answers) == text
    assert kind.parse_answers(write(text)).answers == answers
