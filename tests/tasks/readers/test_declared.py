"""Readers whose files and columns a task declares."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.readers.declared import BitextReader, QuestionsReader, TagsReader
from xharness.tasks.readers.declared_columns import ChoicesReader, TextsReader
from xharness.tasks.types.tagging import TaggedSentence
from xharness.tasks.types.text_classification import SentencePair

TOPICS = TextsReader(
    files={"train": "train.tsv", "test": "{language}/test.tsv"},
    names={"de": "deu_Latn"},
    first="text",
    label="category",
    id="index_id",
    labels=("sports", "travel"),
)


def test_files_are_found_by_their_pattern(tmp_path: Path) -> None:
    for name in ("deu_Latn/test.tsv", "en/test.tsv", "train.tsv", "de/test.tsv", "dev.tsv"):
        write(tmp_path / name, "index_id\tcategory\ttext\n7\tsports\tA race.\n")
    assert TOPICS.find(tmp_path, "de", "test") == (tmp_path / "deu_Latn" / "test.tsv",)
    assert TOPICS.find(tmp_path, "en", "train") == (tmp_path / "train.tsv",)
    assert TOPICS.find(tmp_path, "de", "train") == ()  # a name without a language is English
    assert TOPICS.find(tmp_path, "en", "dev") == ()  # not declared
    found = TOPICS.read(tmp_path, "de", "test")
    assert found.examples == [SentencePair("7", "A race.", None, "sports")]
    assert (found.gold, found.notes) == (["sports"], ())
    with pytest.raises(FileNotFoundError):
        TOPICS.read(tmp_path, "fr", "test")


def test_wrong_rows_are_problems(tmp_path: Path) -> None:
    path = write(tmp_path / "en" / "test.tsv", "index_id\tcategory\ttext\n1\tsport\tA\n2\tsports\n3\ttravel\tB\n")
    found = TOPICS.read(tmp_path, "en", "test")
    assert problems(found) == [
        (2, "label 'sport' is none of sports, travel"),
        (3, "2 columns where the header has 3"),
    ]
    assert found.gold == ["travel"]
    write(path, "index_id\tcategory\ttxt\n1\tsports\tA\n")
    assert problems(TOPICS.read(tmp_path, "en", "test")) == [(2, "'text' is missing or not a text")]


def test_a_file_may_hold_several_splits(tmp_path: Path) -> None:
    name = "{language}.jsonl"
    reader = TextsReader(
        files=dict.fromkeys(("train", "dev", "test"), name), first="utt", label="intent", split="partition"
    )
    rows = [{"id": str(n), "partition": part, "utt": f"u{n}", "intent": "x"} for n, part in enumerate(("test", "dev"))]
    write(tmp_path / "en.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))
    (row,) = reader.read(tmp_path, "en", "dev").examples
    assert row == SentencePair("2", "u1", None, "x")
    assert reader.read(tmp_path, "en", "dev").rows[0].used == 1
    assert problems(reader.read(tmp_path, "en", "train")) == [(0, "there is no row in it")]


def test_choices(tmp_path: Path) -> None:
    reader = ChoicesReader(
        files={"test": "{language}.tsv"}, premise="p", question="q", choices=("a", "b"), answers=("1", "2"), quoted=True
    )
    write(tmp_path / "en.tsv", 'p\tq\ta\tb\tlabel\n"He said ""so"".\nTwice."\tWhy?\tX\tY\t2\n')
    found = reader.read(tmp_path, "en", "test")
    (question,) = found.examples
    assert (question.premise, question.choices, found.gold) == ('He said "so".\nTwice.', ("X", "Y"), [1])


def test_tags(tmp_path: Path) -> None:
    reader = TagsReader(files={"dev": "{language}/dev.txt", "test": "{language}/test.txt"}, tags=("O", "B-PER"))
    write(tmp_path / "yo" / "test.txt", "Ada B-PER\nnsun O\n\n\nOjo\tNN\tB-PER\n")
    found = reader.read(tmp_path, "yo", "test")
    assert found.examples[0] == TaggedSentence("1", ("Ada", "nsun"), ("B-PER", "O"))
    assert found.gold == [["B-PER", "O"], ["B-PER"]]
    write(tmp_path / "yo" / "test.txt", "Ada\nnsun\n")
    assert reader.read(tmp_path, "yo", "test").gold is None
    write(tmp_path / "yo" / "dev.txt", "Ada B-DATE\nnsun\n")
    assert problems(reader.read(tmp_path, "yo", "dev")) == [
        (1, "tag 'B-DATE' is none of O, B-PER"),
        (2, "1 column instead of 2"),
    ]


def test_bitext(tmp_path: Path) -> None:
    reader = BitextReader(files={"test": "x.{language}"}, english={"test": "x.eng"}, names={"de": "deu"})
    write(tmp_path / "x.eng", "One.\nTwo. \n")
    write(tmp_path / "x.deu", "Eins.\nZwei.\n")
    found = reader.read(tmp_path, "de", "test")
    assert [path.name for path in found.files] == ["x.eng", "x.deu"]
    assert (found.examples[0].queries, found.examples[0].candidates) == (("One.", "Two."), ("Eins.", "Zwei."))
    assert found.gold == ["0", "1"]
    assert reader.find(tmp_path, "en", "test") == ()
    write(tmp_path / "x.deu", "Eins.\n")
    assert problems(reader.read(tmp_path, "de", "test")) == [(2, "1 line, but x.eng has 2")]


def test_questions(tmp_path: Path) -> None:
    reader = QuestionsReader(files={"test": "q.{language}.json"})
    answers = [{"text": "b", "answer_start": 2}]
    paragraph = {"context": "a b", "qas": [{"id": "1", "question": "What?", "answers": answers}]}
    write(tmp_path / "q.en.json", json.dumps({"data": [{"paragraphs": [paragraph]}]}))
    assert reader.read(tmp_path, "en", "test").gold[0].answers == ("b",)
