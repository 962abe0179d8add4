"""SQuAD JSON: blanked files, alignment, ids, broken structure; the layouts of XQuAD, MLQA and TyDiQA."""

import json
from pathlib import Path
from typing import Any

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.base import OTHER_LANGUAGES
from xharness.tasks.readers.squad import MlqaReader, TydiqaReader, XquadReader, read_squad
from xharness.tasks.types.extractive_qa import QuestionGold, SpanQuestion

CONTEXT = "At noon Ada left. 𝒜t one Bob came."


def question(name: Any, *answers: tuple[str, int]) -> dict[str, Any]:
    listed = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": name, "question": f"Who is {name}?", "answers": listed}


def squad(*paragraphs: Any) -> dict[str, Any]:
    return {"version": "1.1", "data": [{"title": "t", "paragraphs": list(paragraphs)}]}


def save(path: Path, *questions: dict[str, Any]) -> Path:
    return write(path, json.dumps(squad({"context": CONTEXT, "qas": list(questions)}), indent=1))


def line_of(path: Path, text: str, occurrence: int = 1) -> int:
    return [number for number, line in enumerate(path.read_text().split("\n"), 1) if text in line][occurrence - 1]


def test_answers_become_gold_with_one_cluster_a_paragraph(tmp_path: Path) -> None:
    save(tmp_path / "xquad.de.json", question("a", ("Ada", 8)), question("b", ("Bob", 25), ("Bob came", 25)))
    found = XquadReader().read(tmp_path, "de", "test")
    assert found.examples[1] == SpanQuestion("b", "Who is b?", CONTEXT, (("Bob", 25), ("Bob came", 25)))
    assert found.gold == [QuestionGold("a", ("Ada",), "a"), QuestionGold("b", ("Bob", "Bob came"), "a")]
    assert not found.problems
    assert XquadReader().find(tmp_path, "de", "dev") == ()


def test_a_blanked_file_carries_no_gold(tmp_path: Path) -> None:
    save(tmp_path / "xquad.de.json", question("a", ("", 0)), question("b", ("", 0)))
    found = XquadReader().read(tmp_path, "de", "test")
    assert found.gold is None
    assert found.examples[0].answers == ()
    assert not found.problems


def test_everything_wrong_is_found_at_its_line(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.json",
        question("a", ("Ada", 8)),
        question("a", ("Ada", 8)),
        question("b", ("Bob", 26)),
        question("c", ("", 0)),
        question("d", ("left", -5)),
    )
    assert problems(read_squad(path)) == [
        (line_of(path, '"a"', 2), "question id 'a' is there twice"),
        (line_of(path, '"b"'), "question 'b': the answer 'Bob' does not stand at 26"),
        (line_of(path, '"c"'), "question 'c' has no answer, others have"),
        (line_of(path, '"d"'), "question 'd': the answer 'left' does not stand at -5"),
    ]


def test_broken_structure_costs_only_what_is_broken(tmp_path: Path) -> None:
    good = {"context": CONTEXT, "qas": [question("a", ("Ada", 8)), {"question": "no id"}, "x"]}
    path = write(tmp_path / "a.json", json.dumps(squad(good, {"qas": []}, {"context": CONTEXT}, 7)))
    found = read_squad(path)
    assert [example.id for example in found.examples] == ["a"]
    assert [what for _, what in problems(found)] == [
        "data[0].paragraphs[0].qas[1] is not a question with an id",
        "data[0].paragraphs[0].qas[2] is not a question with an id",
        "data[0].paragraphs[1] has no context",
        "data[0].paragraphs[2] has no list 'qas'",
        "data[0].paragraphs[3] has no context",
    ]


def test_broken_json_and_bad_bytes_have_a_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", '{"data":\n [1,\n ]}')
    assert problems(read_squad(path))[0][0] == 3
    path.write_bytes(b'{"data":\n"\xff"}')
    assert problems(read_squad(path)) == [(2, "byte 0xff is not UTF-8")]
    write(path, '{"data": []}')
    assert problems(read_squad(path)) == [(0, "no question in it")]
    write(path, "[" * 100_000)
    assert problems(read_squad(path)) == [(1, "broken JSON: more than 200 brackets in each other")]


def test_numbers_and_texts_that_cannot_be(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps(squad({"context": CONTEXT, "qas": [question("a", ("Ada", 8))]})))
    text = path.read_text()
    write(path, text.replace(": 8}", ": 1e999}"))
    assert problems(read_squad(path)) == [(1, "broken JSON: 1e999 is not a finite number")]
    write(path, text.replace("Who is", "\\ud83d"))
    assert "half a character" in problems(read_squad(path))[0][1]


def test_mlqa_takes_context_and_question_of_one_language(tmp_path: Path) -> None:
    save(tmp_path / "MLQA_V1" / "test" / "test-context-de-question-de.json", question("a", ("", 0)))
    save(tmp_path / "MLQA_V1" / "test" / "test-context-en-question-de.json", question("x", ("", 0)))
    save(tmp_path / "other" / "dev-context-de-question-de.json", question("b", ("Ada", 8)))
    found = MlqaReader().read(tmp_path, "de", "test")
    assert [example.id for example in found.examples] == ["a"]
    assert found.notes == ()
    assert MlqaReader().read(tmp_path, "de", "dev").gold == [QuestionGold("b", ("Ada",), "b")]


def test_tydiqa_training_ids_repeat_and_are_made_unique(tmp_path: Path) -> None:
    folder = tmp_path / "tydiqa-goldp-v1.1-train"
    save(folder / "tydiqa.goldp.en.train.json", question("1", ("Ada", 8)), question("1", ("Bob", 25)))
    found = TydiqaReader().read(tmp_path, "en", "train")
    assert [example.id for example in found.examples] == ["1", "1#2"]
    assert [gold.id for gold in found.gold or ()] == ["1", "1#2"]
    assert not found.problems


def test_tydiqa_upstream_files_hold_all_languages(tmp_path: Path) -> None:
    text = (
        question("english-1-0", ("Ada", 8)),
        question("swahili-1-0", ("Ada", 9)),
        question("english-1-1", ("Bob", 25)),
    )
    save(tmp_path / "tydiqa-goldp-v1.1-dev.json", *text)
    english, swahili = (TydiqaReader().read(tmp_path, language, "test") for language in ("en", "sw"))
    assert [example.id for example in english.examples] == ["english-1-0", "english-1-1"]
    assert not english.problems
    assert english.notes == ("read from upstream files: tydiqa-goldp-v1.1-dev.json",)
    assert [(rows.read, rows.used, rows.left_out) for rows in english.rows] == [(3, 2, {OTHER_LANGUAGES: 1})]
    assert len(swahili.problems) == 1
    assert TydiqaReader().find(tmp_path, "te", "test") == (), "a language that is not there is a fact"
    save(tmp_path / "dev" / "tydiqa-goldp-dev-swahili.json", question("swahili-9-0", ("Ada", 8)))
    assert [example.id for example in TydiqaReader().read(tmp_path, "sw", "test").examples] == ["swahili-9-0"]
    assert TydiqaReader().find(tmp_path, "en", "dev") == ()
