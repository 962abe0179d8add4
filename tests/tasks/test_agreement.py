"""Gold of a labels file against examples: every difference, at its line."""

from pathlib import Path

from tasks import bucc2018, tatoeba, udpos, xcopa, xnli, xquad
from tasks.agreement import disagreements
from tasks.base import Bitext, ChoiceQuestion, Corpora, Example, SentencePair, SpanQuestion, TaggedSentence, Task
from tasks.formats import parse_gold
from tests.tasks.readers.made_up import write


def differences(tmp_path: Path, task: Task, examples: list[Example], text: str) -> list[tuple[int, str]]:
    path = write(tmp_path / "gold", text)
    return [(found.line, found.what) for found in disagreements(task, examples, parse_gold(task.format, path), path)]


def test_labels(tmp_path: Path) -> None:
    pairs = [SentencePair(str(number), "a", "b") for number in (1, 2)]
    assert differences(tmp_path, xnli.TASK, pairs, "neutral\nentailment\n") == []
    assert differences(tmp_path, xnli.TASK, pairs, "neutral\n") == [(1, "1 line of gold for 2 examples")]
    assert differences(tmp_path, xnli.TASK, pairs, "neutral\nmaybe\nneutral\nneutral\n") == [
        (3, "4 lines of gold for 2 examples"),
        (2, "label 'maybe' is none of contradiction, entailment, neutral"),
    ]


def test_indices(tmp_path: Path) -> None:
    pair = [Bitext(("a", "b", "c", "d"), ("x", "y", "z", "w"))]
    assert differences(tmp_path, tatoeba.TASK, pair, "0\n3\n1\n2\n") == []
    assert differences(tmp_path, tatoeba.TASK, pair, "0\n4\n[1]\n") == [
        (3, "3 lines of gold for 4 examples"),
        (2, "'4' is no line number from 0 to 3"),
        (3, "'[1]' is no line number from 0 to 3"),
    ]


def test_tags(tmp_path: Path) -> None:
    sentences = [TaggedSentence("1", ("a", "b")), TaggedSentence("2", ("c",))]
    assert differences(tmp_path, udpos.TASK, sentences, "X\nNOUN\n\nDET\n") == []
    found = differences(tmp_path, udpos.TASK, sentences, "X\n\nDET\nNN\n\nX\n")
    assert found[0] == (6, "3 sentences of gold for 2 sentences")
    assert found[1] == (1, "sentence 1 has 1 tag for 2 words"), "those after it are shifted, and not named"
    assert [line for line, _ in found[2:]] == [4]
    assert differences(tmp_path, udpos.TASK, sentences, "X\n\nDET\nX\n") == [
        (1, "sentence 1 has 1 tag for 2 words"),
        (3, "sentence 2 has 2 tags for 1 word"),
    ]


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


def test_pairs(tmp_path: Path) -> None:
    corpora = [Corpora((("de-1", "a"),), (("en-1", "b"),))]
    assert differences(tmp_path, bucc2018.TASK, corpora, "de-1\ten-1\n") == []
    assert differences(tmp_path, bucc2018.TASK, corpora, "de-1\n\nen-1\tde-1\n") == [
        (1, "1 column instead of 2"),
        (2, "1 column instead of 2"),
        (3, "id 'en-1' is not in the source corpus of bucc2018"),
        (3, "id 'de-1' is not in the English corpus of bucc2018"),
    ]


def test_choices(tmp_path: Path) -> None:
    questions = [ChoiceQuestion(str(number), "a", "b", ("c", "d")) for number in (1, 2)]
    assert differences(tmp_path, xcopa.TASK, questions, '{"label": 0}\n{"label": 1}\n') == []
    assert differences(tmp_path, xcopa.TASK, questions, '{"label": 2}\n{"label": "1"}\n') == [
        (1, "label 2 is not 0 or 1"),
        (2, "label '1' is not 0 or 1"),
    ]
