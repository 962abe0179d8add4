"""Translated training data in its published shapes."""

import json
from pathlib import Path

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate.translations import translations
from xharness.tasks.registry import Registry
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.tasks.types.text_classification import SentencePair


def test_xnli_mt(tmp_path: Path) -> None:
    rows = 'Ein "Hund" .\tEine Katze .\tcontradictory\nJa .\tNein .\tneutral\nA .\tB .\t-\n\tB\tneutral\n'
    path = write(tmp_path / "multinli.train.de.tsv", f"premise\thypo\tlabel\n{rows}")
    found = translations(Registry().trainable("xnli"), "de", path)
    facts = {"language": "de"}
    assert found.examples == [
        SentencePair("de-1", 'Ein "Hund" .', "Eine Katze .", "contradiction", facts),
        SentencePair("de-2", "Ja .", "Nein .", "neutral", facts),
    ]
    assert found.gold == ["contradiction", "neutral"]
    assert found.notes == ("multinli.train.de.tsv: 2 rows left out: no label or no text",)
    assert not found.problems


def test_xtreme_translations_have_five_columns(tmp_path: Path) -> None:
    path = write(
        tmp_path / "en-sw-translated.tsv", 'A.\tB.\tC.\t"Sema ""D""."\tentailment\nE\tF\tG\tH\tcontradictory\n'
    )
    found = translations(Registry().trainable("mnli"), "sw", path)
    assert [(pair.first, pair.second, pair.label) for pair in found.examples if isinstance(pair, SentencePair)] == [
        ("C.", 'Sema "D".', "entailment"),
        ("G", "H", "contradiction"),
    ]
    assert found.notes == ("csv quoting of 1 field undone in en-sw-translated.tsv",)


def test_rows_keep_their_numbers_whatever_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "en-de-translated.tsv", "A\tB\tC\tD\tE\nA\tB\tC\tD\t1\nA\tB\tC\n")
    found = translations(Registry().trainable("pawsx"), "de", path)
    assert found.examples == [SentencePair("de-2", "C", "D", "1", {"language": "de"})]
    assert problems(found) == [(3, "3 columns instead of 5")]


def test_pawsx_has_its_own(tmp_path: Path) -> None:
    path = write(tmp_path / "translated_train.tsv", "id\tsentence1\tsentence2\tlabel\n7\tA\tB\t0\n")
    expected = [SentencePair("fr-1", "A", "B", "0", {"language": "fr"})]
    assert translations(Registry().trainable("paws"), "fr", path).examples == expected


def test_three_columns_without_a_header(tmp_path: Path) -> None:
    path = write(tmp_path / "train-de.tsv", '"""A"" B"\tB\t1\nC\tD\t0\n')
    found = translations(Registry().trainable("pawsx"), "de", path)
    assert found.examples[0] == SentencePair("de-1", '"A" B', "B", "1", {"language": "de"})
    assert found.gold == ["1", "0"]


def test_questions(tmp_path: Path) -> None:
    def question(name: str, start: int) -> dict[str, object]:
        return {"id": name, "question": "Wer?", "answers": [{"text": "Ada", "answer_start": start}]}

    paragraph = {"context": "Um neun ging Ada.", "qas": [question("q1", 13), question("q2", -1)]}
    path = write(tmp_path / "a.json", json.dumps({"data": [{"paragraphs": [paragraph]}]}))
    found = translations(Registry().trainable("xquad"), "de", path)
    assert found.examples == [SpanQuestion("de-q1", "Wer?", "Um neun ging Ada.", (("Ada", 13),), {"language": "de"})]
    assert [(gold.id, gold.cluster) for gold in found.gold or ()] == [("de-q1", "de-q1")]
    assert found.notes == ("a.json: 1 question left out: the answer does not stand in the translated text",)


def test_what_cannot_be(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "a\tb\tx\nd\te\tf\n")
    assert problems(translations(Registry().trainable("xnli"), "de", path)) == [
        (0, "no row ends in one of the labels contradiction, entailment, neutral")
    ]
    with pytest.raises(UserError, match="no translations of hellaswag"):
        translations(Registry().trainable("hellaswag"), "de", path)
    with pytest.raises(UserError, match="no translations at"):
        translations(Registry().trainable("xnli"), "de", tmp_path / "b.tsv")
