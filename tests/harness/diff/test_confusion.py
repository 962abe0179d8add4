"""Confusions of names and tags."""

from __future__ import annotations

from pathlib import Path

from tests.harness.diff.runs import compared


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
