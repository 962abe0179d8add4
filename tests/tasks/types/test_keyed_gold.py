"""Gold that says what its entries belong to: kept through files, parts and scores."""

from __future__ import annotations

from pathlib import Path

from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.clusters import joint_clusters
from xharness.tasks.types.keyed_gold import KeyedGold, by_first_place, entries_at, item_clusters, item_ids
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE, Numbers
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION, SentencePair


def test_plain_gold_has_places() -> None:
    assert item_ids(["a", "b"]) == item_clusters(["a", "b"]) == ("0", "1")
    assert type(entries_at(["a", "b"], [1])) is list


def test_a_part_keeps_what_its_entries_belong_to() -> None:
    part = entries_at(KeyedGold("abc", ("x", "y", "z"), ("p", "p", "q")), [2, 0])
    assert (part, item_ids(part), item_clusters(part)) == (["c", "a"], ("z", "x"), ("q", "p"))
    first = TEXT_CLASSIFICATION.first([], KeyedGold("abc", ("x", "y", "z")), 2)[1]
    assert first is not None
    assert item_ids(first) == item_clusters(first) == ("x", "y")


def test_values_are_named_after_their_first_place() -> None:
    assert by_first_place(["passage", "other", "passage"]) == ["0", "1", "0"]


def test_ids_of_labels_are_a_second_column(tmp_path: Path) -> None:
    path = tmp_path / "test-nah.tsv"
    gold = KeyedGold(["neutral", "entailment"], ("25051", "25053"))
    path.write_text(TEXT_CLASSIFICATION.render(gold), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "neutral\t25051\nentailment\t25053\n"
    parsed = TEXT_CLASSIFICATION.parse_gold(path)
    assert (parsed.answers, item_ids(parsed.answers), parsed.lines) == (gold, gold.names, (1, 2))
    path.write_text("neutral\t1\nentailment\t2\nneutral\t1\n", encoding="utf-8")
    assert [str(each) for each in TEXT_CLASSIFICATION.parse_gold(path).problems] == [
        f"{path}:3: id '1' is there twice, first on line 1"
    ]
    path.write_text("neutral\nentailment\t2\n", encoding="utf-8")
    assert TEXT_CLASSIFICATION.parse_gold(path).answers == ["neutral", "entailment\t2"], "a label that is not known"


def test_clusters_of_choices_are_a_second_key(tmp_path: Path) -> None:
    path = tmp_path / "test-sw.jsonl"
    gold: Numbers = KeyedGold([2, 0, 1], passages=("0", "0", "2"))
    path.write_text(MULTIPLE_CHOICE.render(gold), encoding="utf-8")
    parsed = MULTIPLE_CHOICE.parse_gold(path).answers
    assert (parsed, item_ids(parsed), item_clusters(parsed)) == ([2, 0, 1], ("0", "1", "2"), ("0", "0", "2"))
    answers = MULTIPLE_CHOICE.parse_answers(path).answers
    assert MULTIPLE_CHOICE.render(answers) == '{"label": 2}\n{"label": 0}\n{"label": 1}\n'
    path.write_text('{"label": 2, "cluster": "0"}\n{"label": 0}\n', encoding="utf-8")
    assert item_clusters(MULTIPLE_CHOICE.parse_gold(path).answers) == ("0", "1"), "all or none"


def test_translations_meet_by_id_whatever_their_lines() -> None:
    cells = {
        "ay": Accuracy().measure(KeyedGold("abc", ("1", "2", "3")), "abc", "ay"),
        "nah": Accuracy().measure(KeyedGold("ac", ("1", "3")), "ab", "nah"),
    }
    groups = joint_clusters(cells)
    assert (groups["ay"].tolist(), groups["nah"].tolist()) == ([0, 1, 2], [0, 2])


def test_items_are_shown_by_their_ids() -> None:
    examples = [SentencePair(name, f"text {name}", None) for name in ("7", "1")]
    view = TEXT_CLASSIFICATION.view(examples, KeyedGold(["a", "b"], ("7", "1")))
    assert view.inputs("1") == {"first": "text 1"}
    assert view.texts("7", ["b", "a"]) == ["a", "b"]
