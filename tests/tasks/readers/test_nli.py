"""SNLI, MultiNLI and ANLI: published names and fields, gold labels that are not there, one set of all."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.readers.nli import ANLI, MNLI, SNLI, NliReader
from xharness.tasks.types.text_classification import SentencePair

ALL = NliReader((SNLI, MNLI, *ANLI))


def line(**fields: Any) -> str:
    return json.dumps(fields) + "\n"


def snli(label: str, name: str = "7.jpg#1r1n") -> str:
    return line(gold_label=label, sentence1="A dog.", sentence2="A cat.", pairID=name, annotator_labels=[label])


def anli(label: str, name: str) -> str:
    return line(uid=name, context="A river.", hypothesis="A sea.", label=label, genre="news", reason="")


def test_anli_letters_rounds_and_genres(tmp_path: Path) -> None:
    write(tmp_path / "anli_v1.0" / "R2" / "train.jsonl", anli("c", "u1") + anli("e", "u2") + anli("n", "u3"))
    found = ALL.read(tmp_path, "en", "train")
    assert found.gold == ["contradiction", "entailment", "neutral"]
    facts = {"source": "anli", "round": "R2", "genre": "news"}
    assert found.examples[0] == SentencePair("anli-R2-u1", "A river.", "A sea.", "contradiction", facts)
    assert found.notes == ("no train files of snli, mnli, anli-R1, anli-R3: this set is without them",)


def test_all_sources_together_in_order(tmp_path: Path) -> None:
    write(tmp_path / "snli_1.0" / "snli_1.0_dev.jsonl", snli("neutral") + snli("-", "x"))
    write(
        tmp_path / "MNLI" / "dev_matched.tsv", "pairID\tgenre\tsentence1\tsentence2\tgold_label\n1e\tf\tp\tq\tneutral\n"
    )
    for name in ("R1", "R2", "R3"):
        write(tmp_path / "anli_v1.0" / name / "dev.jsonl", anli("e", "u"))
    found = ALL.read(tmp_path, "en", "dev")
    assert [example.id for example in found.examples] == [
        "snli-7.jpg#1r1n",
        "mnli-1e",
        "anli-R1-u",
        "anli-R2-u",
        "anli-R3-u",
    ]
    assert found.notes == ("snli_1.0_dev.jsonl: 1 row left out: no gold label",)
    assert len(found.files) == 5
    assert ALL.find(tmp_path, "en", "dev") == found.files
    assert ALL.find(tmp_path, "de", "dev") == ()


def test_the_unlabelled_test_set_of_one_source_does_not_hide_the_gold_of_another(tmp_path: Path) -> None:
    write(tmp_path / "MNLI" / "test_matched.tsv", "pairID\tsentence1\tsentence2\n1\tp\tq\n")
    write(tmp_path / "anli" / "R1" / "test.jsonl", anli("e", "u"))
    found = ALL.read(tmp_path, "en", "test")
    assert (found.gold, [example.id for example in found.examples]) == (["entailment"], ["anli-R1-u"])
    alone = NliReader((MNLI,)).read(tmp_path, "en", "test")
    assert (alone.gold, alone.examples) == (None, [SentencePair("1", "p", "q", None, {"source": "mnli"})])


def test_plain_names_belong_to_the_folder_of_their_source(tmp_path: Path) -> None:
    write(tmp_path / "commonsenseqa" / "train.jsonl", "not ours\n")
    write(tmp_path / "mnli" / "train.jsonl", line(sentence1="p", sentence2="q", label="entailment"))
    assert ALL.find(tmp_path, "en", "train") == (tmp_path / "mnli" / "train.jsonl",)
    assert NliReader((MNLI,)).find(tmp_path / "mnli", "en", "train") == (tmp_path / "mnli" / "train.jsonl",)


def test_numbers_of_hugging_face_copies_and_both_dev_sets(tmp_path: Path) -> None:
    rows = [line(premise="p", hypothesis="q", label=label) for label in (0, 1, 2, -1)]
    write(tmp_path / "dev_matched.jsonl", "".join(rows))
    write(tmp_path / "multinli_1.0_dev_mismatched.jsonl", snli("contradiction"))
    reader = NliReader((MNLI,))
    assert reader.read(tmp_path, "en", "dev").gold == ["entailment", "neutral", "contradiction"]
    assert reader.read(tmp_path, "en", "dev_mismatched").gold == ["contradiction"]


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", snli("maybe") + line(sentence1="p", label="neutral") + line(a=1) + snli("3"))
    found = NliReader((MNLI,)).read(tmp_path, "en", "train")
    assert problems(found) == [
        (1, "label 'maybe' is none of contradiction, entailment, neutral"),
        (2, "'sentence2 or hypothesis' is missing or not a text"),
        (3, "'sentence1 or premise or context' is missing or not a text"),
        (3, "'sentence2 or hypothesis' is missing or not a text"),
        (4, "label '3' is none of contradiction, entailment, neutral"),
    ]
    with pytest.raises(FileNotFoundError):
        NliReader((MNLI,)).read(tmp_path, "en", "dev")


@pytest.mark.shared_data
def test_real_sizes(shared_data: Path) -> None:
    dev = ALL.read(shared_data / "intermediate", "en", "dev")
    rounds = [example.facts.get("round", "") for example in dev.examples if isinstance(example, SentencePair)]
    assert {name: rounds.count(name) for name in set(rounds)} == {"": 1000, "R1": 1000, "R2": 1000, "R3": 1200}
    test = ALL.read(shared_data / "intermediate", "en", "test")
    assert (len(test.examples), dev.problems, test.problems) == (3200, (), ())
    assert len({example.id for example in (*dev.examples, *test.examples) if isinstance(example, SentencePair)}) == 7400
