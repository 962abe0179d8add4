"""Gold of a labels file by itself and against examples: everything that it cannot be, at its line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tasks.readers.made_up import write
from xharness.tasks import bucc2018, mewslix, panx, pawsx, tatoeba, udpos, xcopa, xnli, xquad
from xharness.tasks.base import Example, Task
from xharness.tasks.gold import gold_problems
from xharness.tasks.types.bitext_mining import Corpora
from xharness.tasks.types.bitext_retrieval import Bitext
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.tasks.types.tagging import TaggedSentence
from xharness.tasks.types.text_classification import SentencePair


def differences(tmp_path: Path, task: Task, examples: Sequence[Example] | None, text: str) -> list[tuple[int, str]]:
    path = write(tmp_path / "gold", text)
    found = gold_problems(task, "de", task.type.parse_gold(path), path, examples)
    return [(problem.line, problem.what) for problem in found]


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
        (2, "4 is out of range; line numbers count from 0, so the last one is 3"),
        (3, "'[1]' has brackets; write 1"),
    ]


def test_an_aligned_line_is_the_translation_of_one_query(tmp_path: Path) -> None:
    assert differences(tmp_path, tatoeba.TASK, None, "2\n2\n3\n1\n") == [
        (2, "line number 2 is there twice, first on line 1")
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


@pytest.mark.parametrize("wrong", ["nan", "Banana", "-7", "99999", "de-0000004"])
def test_ids_of_pairs_without_the_corpora(tmp_path: Path, wrong: str) -> None:
    pairs = "de-0000001\ten-0000001\nde-0000002\ten-0000009\n"
    assert differences(tmp_path, bucc2018.TASK, None, pairs) == []
    assert differences(tmp_path, bucc2018.TASK, None, f"{pairs}de-0000003\t{wrong}\n") == [
        (3, f"id '{wrong}' does not begin with 'en-', as the others do")
    ]
    assert differences(tmp_path, bucc2018.TASK, None, "1\t2\nnan\t7\n") == [], "ids of any other form"


def test_pairs(tmp_path: Path) -> None:
    corpora = [Corpora((("de-1", "a"),), (("en-1", "b"),))]
    assert differences(tmp_path, bucc2018.TASK, corpora, "de-1\ten-1\n") == []
    assert differences(tmp_path, bucc2018.TASK, corpora, "de-1\n\nen-1\tde-1\nde-2\ten-1\nde-1\ten-2\n") == [
        (1, "'de-1' is not 'source id TAB target id'"),
        (2, "a blank line counts as a wrong pair; delete it"),
        (3, "English stands first in 'en-1 de-1'; swap the two columns"),
        (4, "id 'de-2' is not in the source corpus"),
        (5, "id 'en-2' is not in the English corpus"),
    ]
    named = [Corpora((("s1", "a"),), (("t1", "b"),))]
    assert differences(tmp_path, bucc2018.TASK, named, "t1\ts1\n") == [
        (1, "the columns of 't1 s1' are swapped: English stands second")
    ]


def test_choices(tmp_path: Path) -> None:
    questions = [ChoiceQuestion(str(number), "a", "b", ("c", "d")) for number in (1, 2)]
    assert differences(tmp_path, xcopa.TASK, questions, '{"label": 0}\n{"label": 1}\n') == []
    assert differences(tmp_path, xcopa.TASK, questions, '{"label": 2}\n{"label": "1"}\n') == [
        (1, "label 2 is not one of the choices 0 to 1"),
        (2, "label '1' is not one of the choices 0 to 1"),
    ]


def test_choices_are_those_of_each_question(tmp_path: Path) -> None:
    own = replace(xcopa.TASK, choices=0)
    questions = [ChoiceQuestion("1", "a", "b", ("c", "d", "e")), ChoiceQuestion("2", "a", "b", ("c", "d"))]
    assert differences(tmp_path, own, questions, '{"label": 2}\n{"label": 1}\n') == []
    assert differences(tmp_path, own, questions, '{"label": 3}\n{"label": 2}\n') == [
        (1, "label 3 is not one of the choices 0 to 2"),
        (2, "label 2 is not one of the choices 0 to 1"),
    ]
    assert differences(tmp_path, own, None, '{"label": 4}\n{"label": -1}\n') == [
        (2, "label -1 is not the index of a choice")
    ]
    assert differences(tmp_path, replace(own, choices=4), None, '{"label": 3}\n{"label": 4}\n') == [
        (2, "label 4 is not one of the choices 0 to 3")
    ]


def squad(*questions: tuple[str, str]) -> str:
    qas = ",\n".join(f'{{"id": "{name}", "answers": [{{"text": "{text}"}}]}}' for name, text in questions)
    return f'{{"data": [{{"paragraphs": [{{"context": "c", "qas": [\n{qas}]}}]}}]}}'


def test_without_a_published_count_aligned_sides_bound_line_numbers(tmp_path: Path) -> None:
    assert "az" not in tatoeba.TASK.published
    path = write(tmp_path / "gold", "0\n3\n1\n99999\n4\n2\n6\n")
    found = gold_problems(tatoeba.TASK, "az", tatoeba.TASK.type.parse_gold(path), path)
    what = "99999 is out of range; line numbers count from 0, so the last one is 6"
    assert [(problem.line, problem.what) for problem in found] == [(4, what)]
    path = write(tmp_path / "whole", "0\n3\n1\n2\n")
    assert gold_problems(tatoeba.TASK, "az", tatoeba.TASK.type.parse_gold(path), path) == []
    loose = replace(tatoeba.TASK, aligned=False)
    path = write(tmp_path / "more", "7\n")
    assert gold_problems(loose, "az", loose.type.parse_gold(path), path) == []


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


def test_entities(tmp_path: Path) -> None:
    gold = '{"a": ["Q1"],\n"b": ["Q1", "Q1"],\n"c": ["", "Q2"],\n"d": []}'
    assert differences(tmp_path, mewslix.TASK, None, gold) == [
        (2, "a gold candidate of 'b' is there twice"),
        (3, "'c' has no gold candidate; was the file blanked?"),
        (4, "'d' has no gold candidate; was the file blanked?"),
    ]


NLI, TAGS = "contradiction, entailment, neutral", ", ".join(udpos.UPOS)


@pytest.mark.parametrize(("task", "text", "wrong"), [
    (xnli.TASK, "neutral\nnan\n\ncontradictory\n", [
        (2, f"label 'nan' is none of {NLI}"),
        (3, "an empty line in gold"),
        (4, f"label 'contradictory' is none of {NLI}; xnli calls it contradiction"),
    ]),
    (pawsx.TASK, "1\n0\n-7\n2\n", [
        (3, "label '-7' is none of 0, 1"),
        (4, "label '2' is none of 0, 1"),
    ]),
    (udpos.TASK, "NOUN\nCONJ\n\n_\nX\n", [
        (2, f"tag 'CONJ' is none of {TAGS}; udpos calls it CCONJ"),
        (4, f"tag '_' is none of {TAGS}"),
    ]),
    (panx.TASK, "O\nB-MISC\n", [(2, "tag 'B-MISC' is none of O, B-LOC, B-ORG, B-PER, I-LOC, I-ORG, I-PER")]),
    (tatoeba.TASK, "999\n1000\n-7\n99999\n\nnan\n007\n" + "7" * 5000 + "\n", [
        (2, "1000 is out of range; line numbers count from 0, so the last one is 999"),
        (3, "'-7' is not a plain integer; write a 0-based line number like 17"),
        (4, "99999 is out of range; line numbers count from 0, so the last one is 999"),
        (5, "an empty line in gold"),
        (6, "'nan' is not a plain integer; write a 0-based line number like 17"),
        (7, "'007' is not a plain integer; write 7"),
        (8, f"{'7' * 37}... is out of range; line numbers count from 0, so the last one is 999"),
    ]),
    (bucc2018.TASK, "de-1\ten-1\nde-1\ten-1\nde-1\ten-2\n\n", [
        (2, "the pair 'de-1 en-1' is there twice, first on line 1"),
        (4, "a blank line counts as a wrong pair; delete it"),
    ]),
    (xcopa.TASK, '{"label": 1}\n{"label": null}\n{"label": [0]}\n{"label": true}\n{"label": 0.5}\n', [
        (2, "label None is not one of the choices 0 to 1"),
        (3, "label [0] is not one of the choices 0 to 1"),
        (4, "label True is not one of the choices 0 to 1"),
        (5, "label 0.5 is not one of the choices 0 to 1"),
    ]),
    (xquad.TASK, squad(("a", "x"), ("b", " "), ("a", "x")), [
        (3, "question 'b' has no answer; was the file blanked?"),
        (4, "question 'a' is there twice"),
    ]),
    (mewslix.TASK, '{"m1": ["Q1"],\n"m2": []}', [(2, "'m2' has no gold candidate; was the file blanked?")]),
    (xnli.TASK, "", [(0, "holds no examples; a score needs at least one")]),
], ids=lambda value: value.name if isinstance(value, Task) else None)  # fmt: skip
def test_what_gold_cannot_be_without_examples(
    tmp_path: Path, task: Task, text: str, wrong: list[tuple[int, str]]
) -> None:
    path = write(tmp_path / "gold", text)
    parsed = task.type.parse_gold(path)
    assert [(one.line, one.what) for one in [*parsed.problems, *gold_problems(task, "de", parsed, path)]] == wrong


def test_a_line_that_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    path = write(tmp_path / "gold", '{"label": NaN}\n{"label": 1e999}\n')
    parsed = xcopa.TASK.type.parse_gold(path)
    assert [one.line for one in parsed.problems] == [1, 2]
    assert gold_problems(xcopa.TASK, "et", parsed, path) == []
