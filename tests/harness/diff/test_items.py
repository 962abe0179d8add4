"""What changed between two runs, item by item, counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.harness.diff.runs import write_files, write_run
from xharness.diff.items import Difference, answers, changes, difference
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError

CONTEXT = "Ada Lovelace wrote the first program in 1843. " * 6 + "Grace Hopper built a compiler in 1952."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One small cell of every kind."""
    questions = [("a", "When?", "1952"), ("b", "Who?", "Grace Hopper"), ("c", "What?", "a compiler")]
    qas = [
        {"id": name, "question": text, "answers": [{"text": gold, "answer_start": CONTEXT.index(gold)}]}
        for name, text, gold in questions
    ]
    squad = json.dumps({"data": [{"paragraphs": [{"context": CONTEXT, "qas": qas}]}]})
    names = "Ada\tB-PER\nLovelace\tI-PER\nsaw\tO\nParis\tB-LOC\n\nnothing\tO\n"
    return write_files(
        tmp_path / "data",
        {
            "download/xnli/test-de.tsv": "a\tb\nc\td\ne\tf\ng\th\n",
            "labels/xnli/test-de.tsv": "neutral\nentailment\nneutral\nneutral\n",
            "download/panx/test-de.tsv": names,
            "labels/panx/test-de.tsv": "B-PER\nI-PER\nO\nB-LOC\n\nO\n",
            "download/udpos/test-de.tsv": "Der\tDET\nHund\tNOUN\nbellt\tVERB\n",
            "labels/udpos/test-de.tsv": "DET\nNOUN\nVERB\n",
            "download/xquad/xquad.de.json": squad,
            "labels/xquad/test-de.json": squad,
            "download/tatoeba/de-en.en": "a cat\nb dog\nc bird\n",
            "download/tatoeba/de-en.de": "ein Hund\nein Vogel\neine Katze\n",
            "labels/tatoeba/test-de.tsv": "2\n0\n1\n",
            "download/bucc2018/de-en.test.de": "de-1\teins\nde-2\tzwei\nde-3\tdrei\n",
            "download/bucc2018/de-en.test.en": "en-1\tone\nen-2\ttwo\nen-3\tthree\n",
            "labels/bucc2018/test-de.tsv": "de-1\ten-1\nde-2\ten-2\n",
        },
    )


def compared(folder: Path, data: Path, task: str, base: object, new: object) -> Difference:
    """Two runs with one cell each, compared."""
    for name, given in (("base", base), ("new", new)):
        write_run(folder / name, data, {(task, "de"): given})
    return difference(folder / "base", folder / "new", task, "de")


def test_labels_are_fixed_broken_or_wrong_in_both(tmp_path: Path, data: Path) -> None:
    base = ["entailment", "entailment", "entailment", "neutral"]
    new = ["neutral", "neutral", "contradiction", "neutral"]
    found = compared(tmp_path, data, "xnli", base, new)
    assert [(c.id, c.status, c.effect) for c in found.changes] == [
        ("0", "fixed", 25.0),
        ("1", "broken", -25.0),
        ("2", "both wrong", 0.0),
    ]
    first = found.changes[0]
    assert (first.inputs, first.gold, first.base, first.new) == (
        {"first": "a", "second": "b"},
        "neutral",
        "entailment",
        "neutral",
    )
    assert found.counts == {"fixed": 1, "broken": 1, "both wrong": 1, "both right": 0}
    assert (found.n, found.scores) == (4, (50.0, 50.0))
    assert found.confusion is None


def test_answers_are_sorted_by_what_they_are_worth(tmp_path: Path, data: Path) -> None:
    base = {"a": "1952", "b": "Hopper", "c": "nonsense"}
    new = {"a": "in 1952", "b": "Grace Hopper", "c": "the compiler"}
    found = compared(tmp_path, data, "xquad", base, new)
    # F1 and EM: a 1, 1 -> 2/3, 0; b 2/3, 0 -> 1, 1; c 0, 0 -> 1, 1 (articles do not count)
    assert [(c.id, c.status) for c in found.changes] == [("c", "fixed"), ("a", "broken"), ("b", "fixed")]
    assert [c.effect for c in found.changes] == pytest.approx([100 / 3, -200 / 9, 200 / 9])
    assert sum(c.effect for c in found.changes) == pytest.approx(found.scores[1] - found.scores[0])
    shown = found.changes[0].inputs
    assert shown["question"] == "What?"
    assert shown["context"].startswith("… ")
    assert "Grace Hopper built a compiler in 1952." in shown["context"]


def test_a_question_without_an_answer_has_an_empty_one(tmp_path: Path, data: Path) -> None:
    found = compared(tmp_path, data, "xquad", {"a": "1952", "b": "x", "c": "x"}, {"b": "x", "c": "x"})
    assert [(c.id, c.status, c.base, c.new) for c in found.changes] == [("a", "broken", "1952", "")]


def test_names_are_shown_as_names_and_effects_are_on_the_totals(tmp_path: Path, data: Path) -> None:
    base = [["B-PER", "O", "O", "B-LOC"], ["O"]]
    new = [["B-PER", "I-PER", "O", "B-ORG"], ["B-ORG"]]
    found = compared(tmp_path, data, "panx", base, new)
    second, first = found.changes
    assert (first.gold, first.base, first.new) == (
        "PER: Ada Lovelace; LOC: Paris",
        "PER: Ada; LOC: Paris",
        "PER: Ada Lovelace; ORG: Paris",
    )
    assert (first.status, second.status) == ("both wrong", "broken")
    # base: 1 hit, 2 predicted, 2 gold; the second sentence adds one wrong span: F1 from 50 to 40
    assert (second.id, second.gold, second.new) == ("1", "", "ORG: nothing")
    assert {c.id: c.effect for c in found.changes} == pytest.approx({"0": 0.0, "1": -10.0})


def test_confusion_of_names_counts_spans_by_their_bounds(tmp_path: Path, data: Path) -> None:
    base = [["B-PER", "O", "O", "B-LOC"], ["O"]]
    new = [["B-PER", "I-PER", "O", "B-ORG"], ["B-ORG"]]
    found = compared(tmp_path, data, "panx", base, new)
    assert found.confusion is not None
    before, after = found.confusion
    assert before.counts == {("LOC", "LOC"): 1, ("PER", "other bounds"): 1, ("other bounds", "PER"): 1}
    assert after.counts == {("LOC", "ORG"): 1, ("PER", "PER"): 1, ("nothing", "ORG"): 1}
    assert before.types == after.types == ("LOC", "ORG", "PER", "other bounds", "nothing")
    assert before.unit == "spans"


def test_bare_tags_show_the_words_that_differ_and_count_words(tmp_path: Path, data: Path) -> None:
    found = compared(tmp_path, data, "udpos", [["DET", "NOUN", "NOUN"]], [["DET", "NOUN", "VERB"]])
    (change,) = found.changes
    assert (change.gold, change.base, change.new) == ("bellt/VERB", "bellt/NOUN", "bellt/VERB")
    assert (change.status, change.inputs) == ("fixed", {"words": "Der Hund bellt"})
    assert found.confusion is not None
    assert found.confusion[0].unit == "words"
    assert found.confusion[0].counts == {("DET", "DET"): 1, ("NOUN", "NOUN"): 1, ("VERB", "NOUN"): 1}


def test_retrieval_shows_sentences_similarity_and_near_misses(tmp_path: Path, data: Path) -> None:
    ids = ("0", "1", "2")
    kept = Items(ids, ids, np.array([[0.5], [0.25], [1.0]]))
    write_run(tmp_path / "base", data, {("tatoeba", "de"): ["0", "0", "1"]}, similarity=kept)
    write_run(tmp_path / "new", data, {("tatoeba", "de"): ["2", "1", "1"]})  # of a version that kept none
    fixed, broken = changes(tmp_path / "base", tmp_path / "new", "tatoeba", "de")
    assert (fixed.inputs, fixed.gold, fixed.base, fixed.new) == (
        {"query": "a cat"},
        "eine Katze",
        "ein Hund",
        "eine Katze",
    )
    assert fixed.facts["base similarity"] == "0.500"
    assert "new similarity" not in fixed.facts
    assert fixed.facts["new chrF"] == "100.0"
    assert 0 < float(fixed.facts["base chrF"]) < 50
    assert (broken.id, broken.status) == ("1", "broken")


def test_mined_pairs_are_found_lost_and_dropped(tmp_path: Path, data: Path) -> None:
    base = [("de-1", "en-1"), ("de-3", "en-3")]
    new = [("de-2", "en-2"), ("de-1", "en-3")]
    found = compared(tmp_path, data, "bucc2018", base, new)
    by_id = {c.id: c for c in found.changes}
    assert {name: c.status for name, c in by_id.items()} == {"de-1": "broken", "de-2": "fixed", "de-3": "fixed"}
    assert (by_id["de-2"].inputs, by_id["de-2"].base, by_id["de-2"].new) == ({"source": "zwei"}, "", "two")
    assert (by_id["de-3"].gold, by_id["de-3"].base, by_id["de-3"].new) == ("", "three", "")
    # base: 1 hit of 2 predicted and 2 gold, F1 50; with de-2 found 2 of 3 and 2, F1 80; without de-3 1 of 1 and 2, 66.7
    assert {name: c.effect for name, c in by_id.items()} == pytest.approx({"de-1": -50, "de-2": 30, "de-3": 50 / 3})


def test_a_run_does_not_differ_from_itself(tmp_path: Path, data: Path) -> None:
    run = write_run(tmp_path / "run", data, {("xnli", "de"): ["neutral"] * 4})
    assert changes(run, run, "xnli", "de") == []


def test_the_answers_of_one_run_come_worst_first(tmp_path: Path, data: Path) -> None:
    run = write_run(tmp_path / "run", data, {("xquad", "de"): {"a": "1952", "b": "Hopper", "c": "x"}})
    listed = answers(run, "xquad", "de")
    assert [(item.id, item.right, item.answer) for item in listed] == [
        ("c", False, "x"),
        ("b", False, "Hopper"),
        ("a", True, "1952"),
    ]
    assert [item.score for item in listed] == pytest.approx([0, 100 / 3, 100])


@pytest.mark.parametrize(
    ("spoil", "task", "language", "what"),
    [
        ("nothing", "xmli", "de", "unknown task 'xmli'"),
        ("nothing", "xnli", "xx", "unknown language 'xx'"),
        ("nothing", "xnli", "fr", "has no xnli in 'fr'"),
        ("nothing", "panx", "de", "has no panx in 'de'"),
        ("no run", "xnli", "de", "is not a run"),
        ("changed answers", "xnli", "de", "is damaged"),
        ("other data", "xnli", "de", "answered other items of xnli in 'de'"),
        ("data gone", "xnli", "de", "are gone"),
        ("data changed", "xnli", "de", "is not what"),
        ("no gold", "xnli", "de", "has no score"),
    ],
)
def test_what_cannot_be_compared_is_said(
    tmp_path: Path, data: Path, spoil: str, task: str, language: str, what: str
) -> None:
    given = {("xnli", "de"): ["neutral"] * 4}
    base, new = write_run(tmp_path / "base", data, given), tmp_path / "new"
    labels = data / "labels" / "xnli" / "test-de.tsv"
    if spoil == "other data":
        labels.write_text("entailment\n" * 4)
    elif spoil == "no gold":
        labels.unlink()
    write_run(new, data, given)
    if spoil == "no run":
        (new / "manifest.json").unlink()
    elif spoil == "changed answers":
        (new / "predictions" / "xnli" / "test-de.tsv").write_text("entailment\n" * 4)
    elif spoil == "data gone":
        data.rename(tmp_path / "moved")
    elif spoil == "data changed":
        labels.write_text("entailment\n" * 4)
    with pytest.raises(UserError) as caught:
        changes(base, new, task, language)
    assert what in caught.value.what
    assert all("\n" not in line for line in (caught.value.what, caught.value.why, caught.value.fix))
    if spoil == "data gone":
        assert changes(base, new, task, language, tmp_path / "moved") == []
