"""Quora Question Pairs: GLUE's table with its cut-off rows, and JSON lines."""

from pathlib import Path

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.readers.qqp import QqpReader
from xharness.tasks.types.text_classification import SentencePair

HEADER = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"


def test_glue(tmp_path: Path) -> None:
    write(tmp_path / "train.tsv", HEADER + '9\t1\t2\tWhy "so"?\tWhy not?\t0\n8\t1\t2\tWho\n7\t3\t4\tA?\tB?\t1\n')
    found = QqpReader().read(tmp_path, "en", "train")
    assert found.examples == [SentencePair("9", 'Why "so"?', "Why not?", "0"), SentencePair("7", "A?", "B?", "1")]
    assert (found.gold, found.problems) == (["0", "1"], ())
    assert found.notes == ("train.tsv: 1 row left out: too few columns",)


def test_json_lines_and_a_test_set_without_labels(tmp_path: Path) -> None:
    write(tmp_path / "val.jsonl", '{"text_a": "A?", "text_b": "B?", "label": 1}\n')
    write(tmp_path / "test.tsv", "id\tquestion1\tquestion2\n5\tA?\tB?\n")
    assert QqpReader().read(tmp_path, "en", "dev").gold == ["1"]
    test = QqpReader().read(tmp_path, "en", "test")
    assert (test.gold, test.examples) == (None, [SentencePair("5", "A?", "B?")])


def test_a_label_that_is_none(tmp_path: Path) -> None:
    write(tmp_path / "dev.tsv", HEADER + "9\t1\t2\tA?\tB?\tyes\n")
    assert problems(QqpReader().read(tmp_path, "en", "dev")) == [(2, "label 'yes' is neither 0 nor 1")]
