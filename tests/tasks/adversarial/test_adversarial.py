"""Sets made against models: where their files may lie, what they hold, and which checkpoints answer them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.tasks.readers.made_up import problems, write
from xharness.checkpoints.checkpoint import find
from xharness.checkpoints.compatibility import Compatible, Incompatible
from xharness.evaluation.selection import match
from xharness.tasks.adversarial import ADVERSARIAL
from xharness.tasks.data import DataFolder
from xharness.tasks.metrics.accuracy import AccuracyByLabel
from xharness.tasks.registry import Registry
from xharness.tasks.types.text_classification import SentencePair
from xharness.tasks.xnli import TASK as XNLI

HANS = "gold_label\tsentence1\tsentence2\tpairID\theuristic\tsubcase\ttemplate\n"


def load(folder: Path, name: str, split: str = "test") -> tuple[list[SentencePair], list[str]]:
    data = DataFolder.open(folder, names=Registry().tasks)
    cell = data.load(ADVERSARIAL[name], "en", split)
    assert not cell.problems, cell.problems
    assert isinstance(cell.gold, list)
    pairs = [example for example in cell.examples if isinstance(example, SentencePair)]
    return pairs, cell.gold


def test_they_are_known_and_enter_no_benchmark() -> None:
    assert list(ADVERSARIAL) == sorted(ADVERSARIAL)
    assert {"anli-r1", "anli-r2", "anli-r3", "addsent", "addonesent"} < {*ADVERSARIAL}
    assert {"paws-qqp", "paws-wiki", "qqp-dev"} < {*ADVERSARIAL}
    assert all(task.recipe is None and task.languages == ("en",) for task in ADVERSARIAL.values())
    assert [task.name for task in Registry().select("anli-r2,hans-subsequence")] == ["anli-r2", "hans-subsequence"]


@pytest.mark.parametrize("place", ["download/anli", "download/anli-r1", "intermediate/anli_v1.0"])
def test_rounds_of_anli_wherever_they_lie(tmp_path: Path, place: str) -> None:
    row = {"uid": "u", "context": "It rained.", "hypothesis": "It was dry.", "label": "c"}
    for split in ("dev", "test"):
        write(tmp_path / place / "R1" / f"{split}.jsonl", json.dumps(row | {"uid": split}) + "\n")
    write(tmp_path / "download" / "xnli" / "test-en.tsv", "a\tb\n")
    pairs, gold = load(tmp_path, "anli-r1")
    assert (pairs[0].id, pairs[0].first, gold) == ("test", "It rained.", ["contradiction"])
    assert load(tmp_path, "anli-r1", "dev")[0][0].id == "dev"
    assert not DataFolder.open(tmp_path).holds(ADVERSARIAL["anli-r2"], "en")


def test_a_folder_of_such_a_set_alone_is_data(tmp_path: Path) -> None:
    rows = "id\tsentence1\tsentence2\tlabel\n1\ta b\tb a\t0\n2\ta\ta\t1\n"
    write(tmp_path / "download" / "paws_qqp" / "dev_and_test.tsv", rows)
    assert load(tmp_path, "paws-qqp")[1] == ["0", "1"]
    write(tmp_path / "download" / "paws" / "final" / "test.tsv", rows)
    assert [pair.second for pair in load(tmp_path, "paws-wiki")[0]] == ["b a", "a"]
    write(tmp_path / "download" / "QQP" / "dev.tsv", "id\tquestion1\tquestion2\tis_duplicate\n7\tWho?\tWhom?\t1\n")
    assert load(tmp_path, "qqp-dev")[1] == ["1"]


def test_hans_by_heuristic(tmp_path: Path) -> None:
    rows = "entailment\tA b.\tB a.\tex0\tsubsequence\ts1\tt1\nnon-entailment\tA.\tB.\tex1\tconstituent\ts2\tt2\n"
    path = write(tmp_path / "download" / "hans" / "heuristics_evaluation_set.txt", HANS + rows)
    pairs, gold = load(tmp_path, "hans-subsequence")
    facts = {"heuristic": "subsequence", "subcase": "s1", "template": "t1"}
    assert pairs == [SentencePair("ex0", "A b.", "B a.", "entailment", facts)]
    assert (gold, load(tmp_path, "hans-constituent")[1]) == (["entailment"], ["non-entailment"])
    write(path, HANS + rows.replace("constituent", "consequent").replace("non-entailment", "neutral"))
    reader = ADVERSARIAL["hans-subsequence"].reader
    assert reader is not None
    assert problems(reader.read(tmp_path / "download" / "hans-subsequence", "en", "test")) == [
        (3, "heuristic 'consequent' is none of lexical_overlap, subsequence, constituent"),
        (3, "label 'neutral' is neither entailment nor non-entailment"),
    ]
    write(path, HANS + rows.splitlines()[1] + "\n")
    found = reader.read(tmp_path / "download" / "hans", "en", "test")
    assert problems(found) == [(0, "no example of heuristic subsequence")]


def test_a_head_of_three_labels_answers_hans(tiny: Tiny) -> None:
    hans = ADVERSARIAL["hans-subsequence"]
    found = match(hans, find(tiny("bert", "sequence", XNLI.labels)))
    assert isinstance(found, Compatible)
    assert found.labels == ("non-entailment", "entailment", "non-entailment")
    assert isinstance(match(ADVERSARIAL["anli-r3"], find(tiny("bert", "sequence", XNLI.labels))), Compatible)
    assert isinstance(match(ADVERSARIAL["paws-wiki"], find(tiny("bert", "sequence", ["0", "1"]))), Compatible)
    assert isinstance(match(ADVERSARIAL["addsent"], find(tiny("bert", "qa"))), Compatible)
    other = match(ADVERSARIAL["addsent"], find(tiny("bert", "sequence", XNLI.labels)))
    assert isinstance(other, Incompatible)
    assert other.fix == "fine-tune it on squad_v1 first, or give a suite with xquad/"


def test_accuracy_by_label() -> None:
    metric = AccuracyByLabel(("entailment", "non-entailment"))
    gold = ["entailment", "entailment", "non-entailment", "non-entailment"]
    items = metric.measure(gold, ["entailment", "entailment", "entailment", "non-entailment"], "en")
    scores = metric.aggregate(items.statistics.sum(axis=0))
    assert {name: float(value) for name, value in scores.items()} == {
        "accuracy": 75.0,
        "entailment": 100.0,
        "non-entailment": 50.0,
    }
    assert items.statistics.shape == (4, len(metric.columns))


@pytest.mark.shared_data
def test_published_numbers_of_examples(shared_data: Path) -> None:
    data = DataFolder.open(shared_data)
    sizes = {name: len(data.load(task, "en").examples) for name, task in ADVERSARIAL.items() if data.holds(task, "en")}
    assert sizes == {"addonesent": 1787, "addsent": 3560, "anli-r1": 1000, "anli-r2": 1000, "anli-r3": 1200}
