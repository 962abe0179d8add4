"""Rows of published training sets: three formats, every malformed line, labels that are not there."""

import json
from pathlib import Path
from typing import Any

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.base import Split
from xharness.tasks.common.json_types import Json
from xharness.tasks.readers.records import PublishedRecord, index_label, labelled_split, read_table
from xharness.tasks.types.text_classification import SentencePair


def pair(record: PublishedRecord) -> SentencePair:
    label: Any = record.value("label")
    return SentencePair(record.name("id"), record.text("a"), record.text("b", "c"), None if label == "-" else label)


def read(path: Path, split: str = "train") -> Split:
    return labelled_split(read_table(path), split, pair)


def test_the_three_formats_say_the_same(tmp_path: Path) -> None:
    rows = [("x", 'He said "no".', "No.", "0"), ("y", "Yes,\u2028he did.", "Yes.", "1")]
    objects = [dict(zip(("id", "a", "b", "label"), row, strict=True)) for row in rows]
    lines = write(tmp_path / "a.jsonl", "".join(f"{json.dumps(item, ensure_ascii=False)}\n" for item in objects))
    tabs = write(tmp_path / "a.tsv", "".join("\t".join(row) + "\r\n" for row in [("id", "a", "b", "label"), *rows]))
    quoted = [[field.replace('"', '""') for field in row] for row in rows]
    text = "id,a,b,label\n" + "".join(",".join(f'"{field}"' for field in row) + "\n" for row in quoted)
    found = [read(path) for path in (lines, tabs, write(tmp_path / "a.csv", text))]
    assert found[0].examples == [SentencePair(*row) for row in rows]
    assert found[0].examples == found[1].examples == found[2].examples
    assert found[0].gold == ["0", "1"]
    assert all(not split.problems and not split.notes for split in found)


def test_a_csv_field_runs_over_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'a,b,label\n"one\ntwo",x,0\ny,z\n"open,1,2\n')
    found = read(path)
    assert found.examples == [SentencePair("2", "one\ntwo", "x", "0")]
    assert problems(found) == [
        (4, "2 columns where the header has 3"),
        (5, "broken csv: unexpected end of data; nothing below is read"),
    ]


def test_every_malformed_line_is_found(tmp_path: Path) -> None:
    good = '{"a": "x", "b": "y", "label": "0"}\n'
    bad = '{"a": \n\n[1]\n{"a": 3, "b": "y", "label": "0"}\n{"a": "\\ud83d", "b": "y", "label": "0"}\n'
    path = tmp_path / "a.jsonl"
    path.write_bytes((good + bad).encode() + b'{"a": "\xff", "c": "y", "label": "0"}\n')
    found = read(path)
    assert problems(found) == [
        (2, "broken JSON: Expecting value (column 7)"),
        (3, "empty line"),
        (4, "not a JSON object"),
        (5, "'a' is missing or not a text"),
        (6, "a text holds half a character"),
        (7, "byte 8 of the line is not UTF-8"),
    ]
    assert [example.id for example in found.examples] == ["1", "7"]


def test_rows_of_another_width(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "a\tb\tlabel\nx\ty\nx\ty\t0\t1\nx\ty\t0\n")
    assert problems(read(path)) == [
        (2, "2 columns where the header has 3"),
        (3, "4 columns where the header has 3"),
    ]
    short = labelled_split(read_table(path, skip_short=True), "train", pair)
    assert [problem.line for problem in short.problems] == [3]
    assert short.notes == ("a.tsv: 1 row left out: too few columns",)


def test_examples_without_a_label_are_counted_and_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "a\tb\tlabel\nx\ty\t-\nx\ty\t0\n")
    for split in ("train", "dev", "test"):
        found = read(path, split)
        assert [example.id for example in found.examples] == ["3"]
        assert (found.gold, found.notes) == (["0"], ("a.tsv: 1 row left out: no gold label",))


def test_only_a_test_set_may_have_no_label_at_all(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "a\tb\tlabel\nx\ty\t-\n")
    assert problems(read(path)) == [(0, "no example has a gold label")]
    found = read(path, "test")
    assert (len(found.examples), found.gold, found.problems) == (1, None, ())


def test_empty_files_and_empty_texts(tmp_path: Path) -> None:
    assert problems(read(write(tmp_path / "a.tsv", "a\tb\tlabel\n"))) == [(0, "there is no row in it")]
    assert problems(read(write(tmp_path / "a.jsonl", ""))) == [(0, "the file is empty")]
    found = read(write(tmp_path / "a.tsv", "a\tb\tlabel\n\ty\t0\n"))
    assert (len(found.examples), found.notes) == (1, ("a.tsv: 1 example with an empty text kept",))


def test_ids_that_repeat_get_a_suffix(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "id\ta\tb\tlabel\nk\tx\ty\t0\nk\tx\ty\t1\n \tx\ty\t1\n")
    assert [example.id for example in read(path).examples] == ["k", "k#2", "4"]


def test_labels_as_index_or_letter(tmp_path: Path) -> None:
    def label(value: Json, *choices: str) -> tuple[int | None, int]:
        record = PublishedRecord(tmp_path, 1, {"label": value}, [])
        return index_label(record, choices, "label"), len(record.problems)

    assert label(2, "0", "1", "2") == label("2", "0", "1", "2") == (2, 0)
    assert label("B", "A", "B") == (1, 0)
    assert label("", "0") == label(None, "0") == label(-1, "0") == (None, 0)
    assert label(2.0, "0", "1", "2") == label("b", "A", "B") == label(True, "0", "1") == label([1], "0") == (None, 1)
