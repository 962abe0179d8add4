"""What changed between two runs, item by item, counted by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.harness.diff.runs import compared, write_run
from xharness.diff.items import answers, changes
from xharness.tasks.base import Items


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
