"""XNLI and PAWS-X: preprocessed and upstream files, labels, csv quoting, broken lines."""

from pathlib import Path

import pytest

from tasks.base import SentencePair
from tasks.readers.pairs import PawsxReader, XnliReader
from tests.tasks.readers.made_up import problems, write

XNLI_HEADER = "\t".join(f"c{number}" for number in range(19))


def xnli_row(language: str, label: str, first: str, second: str) -> str:
    return "\t".join([language, label, "", "", "", "", first, second, *["x"] * 11])


def test_xnli_test_without_labels_is_stripped_and_unquoted(tmp_path: Path) -> None:
    write(tmp_path / "test-de.tsv", 'Er rief "" laut . \t"Sie sagte ""ja""."\r\nEins\t"""Zwei"" drei"\r\n')
    found = XnliReader().read(tmp_path, "de", "test")
    assert found.examples == [
        SentencePair("1", 'Er rief "" laut .', 'Sie sagte "ja".'),
        SentencePair("2", "Eins", '"Zwei" drei'),
    ]
    assert found.gold is None
    assert found.notes == ("csv quoting of 2 fields undone in test-de.tsv",)
    assert not found.problems


def test_quirks_keep_the_text_as_the_reference_reads_it(tmp_path: Path) -> None:
    write(tmp_path / "test-de.tsv", 'Eins\t"Sie sagte ""ja""."\r\n')
    found = XnliReader().read(tmp_path, "de", "test", quirks=True)
    assert found.examples[0].second == '"Sie sagte ""ja""."'


def test_xnli_train_has_labels_under_both_names(tmp_path: Path) -> None:
    write(tmp_path / "x" / "multinli.train.en.tsv", 'premise\thypo\tlabel\na "b"\tb\tcontradictory\nc\td\tneutral\n')
    found = XnliReader().read(tmp_path, "en", "train")
    assert found.gold == ["contradiction", "neutral"]
    assert found.examples[0].label == "contradiction"
    assert found.examples[0].first == 'a "b"'
    assert found.notes == ("read from upstream files: x/multinli.train.en.tsv",)
    assert XnliReader().read(tmp_path, "en", "train", quirks=True).examples[0].first == '"a ""b"""'


def test_xnli_upstream_gives_each_language_its_rows(tmp_path: Path) -> None:
    rows = [XNLI_HEADER, xnli_row("ar", "neutral", "a", "b"), xnli_row("de", "entailment", "c", "d"), "de\tneutral"]
    write(tmp_path / "XNLI-1.0" / "xnli.test.tsv", "\n".join(rows) + "\n")
    arabic = XnliReader().read(tmp_path, "ar", "test")
    assert arabic.examples == [SentencePair("1", "a", "b", "neutral")]
    assert arabic.gold == ["neutral"]
    assert not arabic.problems
    german = XnliReader().read(tmp_path, "de", "test")
    assert problems(german) == [(4, "2 columns instead of at least 8")]
    assert [example.first for example in german.examples] == ["c", ""]
    assert problems(XnliReader().read(tmp_path, "sw", "test")) == [(0, "no row of language 'sw'")]


def test_a_bad_byte_in_another_language_is_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "xnli.test.tsv"
    rows = [XNLI_HEADER, xnli_row("ar", "neutral", "?", "b"), xnli_row("de", "neutral", "c", "d")]
    path.write_bytes("\n".join(rows).encode().replace(b"?", b"\xff"))
    assert not XnliReader().read(tmp_path, "de", "test").problems
    assert problems(XnliReader().read(tmp_path, "ar", "test"))[0][0] == 2


def test_every_broken_line_is_found_and_rows_keep_their_places(tmp_path: Path) -> None:
    write(tmp_path / "dev-de.tsv", "a\tb\tneutral\na\tb\n\tb\tneutral\na\tb\tmaybe\na\tb\tneutral\n\n")
    found = XnliReader().read(tmp_path, "de", "dev")
    assert problems(found) == [
        (2, "2 columns instead of 3"),
        (3, "column 1 is empty"),
        (4, "label 'maybe' is none of contradiction, entailment, neutral"),
        (6, "1 column instead of 3"),
    ]
    assert [example.id for example in found.examples] == ["1", "2", "3", "4", "5", "6"]


def test_bad_bytes_are_a_problem_of_their_line(tmp_path: Path) -> None:
    (tmp_path / "test-de.tsv").write_bytes(b"a\tb\n\xe9\tb\n")
    assert problems(XnliReader().read(tmp_path, "de", "test")) == [(2, "byte 1 of the line is not UTF-8")]


def test_pawsx_in_both_layouts(tmp_path: Path) -> None:
    upstream = tmp_path / "x-final" / "fr"
    write(upstream / "test_2k.tsv", 'id\tsentence1\tsentence2\tlabel\n1\t"A" b\tNS\t1\n2\t c\td\t0\n')
    found = PawsxReader().read(tmp_path, "fr", "test")
    assert found.examples == [SentencePair("1", '"A" b', "NS", "1"), SentencePair("2", " c", "d", "0")]
    assert found.gold == ["1", "0"]
    write(tmp_path / "test-fr.tsv", "x\ty\n")
    found = PawsxReader().read(tmp_path, "fr", "test")
    assert [example.first for example in found.examples] == ["x"]
    assert found.notes == ("preprocessed files win, upstream ones are there too: x-final/fr/test_2k.tsv",)
    write(upstream.parent / "en" / "train.tsv", "id\tsentence1\tsentence2\tlabel\n1\ta\tb\t1\n")
    assert PawsxReader().read(tmp_path, "en", "train").gold == ["1"]


def test_nothing_there(tmp_path: Path) -> None:
    assert XnliReader().find(tmp_path, "de", "test") == ()
    with pytest.raises(FileNotFoundError):
        XnliReader().read(tmp_path, "de", "test")
