"""Translated pairs in the shapes in which they are published."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.tasks.readers.translated import translated_nli, translated_paraphrases


def written(folder: Path, *rows: str) -> Path:
    file = folder / "train.tsv"
    file.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        (["premise\thypo\tlabel", "eins\tzwei\tneutral", "drei\tvier\tentailment"], ["de-1", "de-2"]),
        (["eins\tzwei\tneutral", "drei\tvier\tcontradictory"], ["de-1", "de-2"]),
        (["1\teins\tzwei\tneutral", "2\tdrei\tvier\tneutral"], ["de-1", "de-2"]),
        (["one\ttwo\teins\tzwei\tneutral", "three\tfour\tdrei\tvier\tneutral"], ["de-1", "de-2"]),
    ],
)
def test_texts_are_found_by_the_number_of_columns(tmp_path: Path, rows: list[str], ids: list[str]) -> None:
    found = translated_nli(written(tmp_path, *rows), "de")
    assert [(each.id, each.first, each.second) for each in found.examples] == [
        (ids[0], "eins", "zwei"),
        (ids[1], "drei", "vier"),
    ]


def test_ids_count_the_rows_that_are_left_out(tmp_path: Path) -> None:
    """``de-17`` is the translation of row 17, whatever came before it."""
    rows = ("one\ttwo\tlabel", "a\tb\t1", "a\t\t1", "a\tb\tperhaps", "a\tb", "c\td\t0")
    found = translated_paraphrases(written(tmp_path, *rows), "de")
    assert [each.id for each in found.examples] == ["de-1", "de-5"]
    assert found.gold == ["1", "0"]
    assert [(problem.line, problem.what) for problem in found.problems] == [(5, "2 columns instead of 3")]
    (rows_of_file,) = found.rows
    assert rows_of_file.read == 5
    assert sorted(rows_of_file.left_out.values()) == [1, 2]


def test_csv_quoting_is_undone_only_without_a_header(tmp_path: Path) -> None:
    quoted = '"er sagt ""ja"""\tgut\t1'
    assert translated_paraphrases(written(tmp_path, quoted), "de").examples[0].first == 'er sagt "ja"'
    headed = translated_paraphrases(written(tmp_path, "one\ttwo\tlabel", quoted), "de")
    assert headed.examples[0].first == '"er sagt ""ja"""'


def test_a_file_of_other_labels_is_a_problem(tmp_path: Path) -> None:
    (problem,) = translated_paraphrases(written(tmp_path, "a\tb\tyes", "c\td\tno"), "de").problems
    assert problem.what == "no row ends in one of the labels 0, 1"
