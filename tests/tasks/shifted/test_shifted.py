"""Single domains: genres, treebanks, and shifts in order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tasks.perturbations.grown import conllu
from tests.tasks.readers.made_up import write
from xharness.tasks.data import DataFolder
from xharness.tasks.registry import Registry
from xharness.tasks.shifted import SHIFTED
from xharness.tasks.shifts import SHIFTS
from xharness.tasks.types.tagging import TaggedSentence
from xharness.tasks.types.text_classification import SentencePair


def pair(genre: str, label: str = "neutral") -> str:
    return json.dumps({"pairID": genre, "sentence1": "a", "sentence2": "b", "gold_label": label, "genre": genre}) + "\n"


def test_genres_of_both_dev_sets(tmp_path: Path) -> None:
    folder = tmp_path / "intermediate" / "multinli_1.0"
    write(folder / "multinli_1.0_dev_matched.jsonl", pair("fiction") + pair("travel", "entailment") + pair("fiction"))
    write(folder / "multinli_1.0_dev_mismatched.jsonl", pair("letters", "contradiction"))
    write(tmp_path / "download" / "xnli" / "test-en.tsv", "a\tb\n")
    data = DataFolder.open(tmp_path)
    found = {
        name: data.load(SHIFTED[f"mnli-{name}"], "en") for name in ("matched", "fiction", "travel", "letters", "oup")
    }
    assert [found[name].gold for name in ("matched", "fiction", "travel", "letters")] == [
        ["neutral", "entailment", "neutral"],
        ["neutral", "neutral"],
        ["entailment"],
        ["contradiction"],
    ]
    assert [each.facts["genre"] for each in found["fiction"].examples if isinstance(each, SentencePair)] == [
        "fiction"
    ] * 2
    assert [problem.what for problem in found["oup"].problems] == ["no example of genre oup"]


def test_treebanks_one_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "download" / "udpos"
    for name, form in (("en_ewt", "Web"), ("en_pud", "News"), ("de_pud", "Neues"), ("en_pudding", "Sweet")):
        write(folder / f"{name}-ud-test.conllu", conllu(f"{form} NOUN 0 root\nis AUX 1 cop"))
    write(folder / "test-en.tsv", "word\n")
    data = DataFolder.open(tmp_path)
    assert data.languages(SHIFTED["udpos-pud"]) == ["de", "en"]
    assert data.languages(SHIFTED["udpos-gum"]) == []
    words = [
        each.words
        for name in ("udpos-pud", "udpos-ewt")
        for each in data.load(SHIFTED[name], "en").examples
        if isinstance(each, TaggedSentence)
    ]
    assert words == [("News", "is"), ("Web", "is")]


def test_shifts_name_tasks_that_are_there() -> None:
    known = Registry().tasks
    for shift in SHIFTS:
        assert {*shift.home, *(name for step in shift.steps for name in step)} <= {*known}
    assert [step for shift in SHIFTS if shift.name == "questions" for step in shift.steps] == [("tydiqa",), ("mlqa",)]


@pytest.mark.shared_data
def test_real_treebanks(shared_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "download" / "udpos"
    folder.mkdir(parents=True)
    for path in (shared_data / "ud_pud").glob("*.conllu"):
        (folder / path.name).symlink_to(path)
    data = DataFolder.open(tmp_path)
    assert {code: len(data.load(SHIFTED["udpos-pud"], code).examples) for code in ("de", "en", "hi")} == dict.fromkeys(
        ("de", "en", "hi"), 1000
    )
