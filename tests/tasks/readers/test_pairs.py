"""XNLI and PAWS-X: preprocessed and upstream files, labels, csv quoting, broken lines."""

from pathlib import Path

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.base import OTHER_LANGUAGES
from xharness.tasks.readers.pairs import PawsxReader, XnliReader
from xharness.tasks.types.text_classification import SentencePair

XNLI_HEADER = "\t".join(
    "language gold_label b1 b2 p1 p2 sentence1 sentence2 id1 id2 genre l1 l2 l3 l4 l5 t1 t2 match".split()
)


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
    found = XnliReader().read(tmp_path, "de", "test", keep_csv_quotes=True)
    assert found.examples[0].second == '"Sie sagte ""ja""."'


def test_xnli_train_has_labels_under_both_names(tmp_path: Path) -> None:
    write(tmp_path / "x" / "multinli.train.en.tsv", 'premise\thypo\tlabel\na "b"\tb\tcontradictory\nc\td\tneutral\n')
    found = XnliReader().read(tmp_path, "en", "train")
    assert found.gold == ["contradiction", "neutral"]
    assert found.examples[0].label == "contradiction"
    assert found.examples[0].first == 'a "b"'
    assert found.notes == ("read from upstream files: x/multinli.train.en.tsv",)
    assert XnliReader().read(tmp_path, "en", "train", keep_csv_quotes=True).examples[0].first == '"a ""b"""'


def test_xnli_upstream_gives_each_language_its_rows(tmp_path: Path) -> None:
    rows = [XNLI_HEADER, xnli_row("ar", "neutral", "a", "b"), xnli_row("de", "entailment", "c", "d"), "de\tneutral"]
    write(tmp_path / "XNLI-1.0" / "xnli.test.tsv", "\n".join(rows) + "\n")
    arabic = XnliReader().read(tmp_path, "ar", "test")
    assert arabic.examples == [SentencePair("1", "a", "b", "neutral")]
    assert arabic.gold == ["neutral"]
    assert not arabic.problems
    german = XnliReader().read(tmp_path, "de", "test")
    assert problems(german) == [(4, "2 columns instead of 19")]
    assert [example.first for example in german.examples] == ["c", ""]
    assert XnliReader().find(tmp_path, "sw", "test") == (), "a language that is not there is a fact"
    assert (arabic.rows[0].read, arabic.rows[0].used, arabic.rows[0].left_out[OTHER_LANGUAGES]) == (3, 1, 2)


def test_every_malformed_row_of_the_file_of_all_languages_is_named(tmp_path: Path) -> None:
    row = xnli_row("de", "neutral", "a", "b")
    rows = [
        XNLI_HEADER,
        row,
        "de    neutral     a  b",
        "",
        row.replace("de", "xx", 1),
        xnli_row("DE", "neutral", "c", "d"),
        xnli_row("", "neutral", "e", "f"),
    ]
    path = write(tmp_path / "xnli.test.tsv", "\n".join(rows) + "\n")
    reader = XnliReader(languages=("ar", "de"))
    found = reader.read(tmp_path, "de", "test")
    assert problems(found) == [
        (3, "1 column instead of 19"),
        (4, "1 column instead of 19"),
        (5, "language 'xx' is none of ar, de"),
        (6, "language 'DE' is none of ar, de"),
        (7, "the language is empty"),
    ]
    assert found.examples == [SentencePair("1", "a", "b", "neutral")]
    assert reader.find(tmp_path, "ar", "test") == ()
    write(path, "\n".join([XNLI_HEADER, "de    neutral     a  b"]) + "\n")
    for language in ("ar", "de"):
        assert problems(reader.read(tmp_path, language, "test")) == [(2, "1 column instead of 19")]


def test_the_languages_of_a_file_that_changes(tmp_path: Path) -> None:
    path = write(tmp_path / "xnli.dev.tsv", f"{XNLI_HEADER}\n{xnli_row('de', 'neutral', 'a', 'b')}\n")
    reader = XnliReader(languages=("ar", "de"))
    assert (reader.find(tmp_path, "ar", "dev"), reader.find(tmp_path, "de", "dev")) == ((), (path,))
    write(path, f"{XNLI_HEADER}\n{xnli_row('ar', 'neutral', 'a', 'bcd')}\n")
    assert (reader.find(tmp_path, "ar", "dev"), reader.find(tmp_path, "de", "dev")) == ((path,), ())


def test_a_header_is_what_looks_like_one(tmp_path: Path) -> None:
    upstream = write(tmp_path / "de" / "test_2k.tsv", "1\ta\tb\t1\n2\tc\td\t0\n")
    found = PawsxReader().read(tmp_path, "de", "test")
    assert (found.gold, found.problems) == (["1", "0"], ())
    assert "test_2k.tsv: no header; the first line is read as a row" in found.notes
    write(upstream, "nr\ttext\ttext\tgold\n2\tc\td\t0\n")
    assert problems(PawsxReader().read(tmp_path, "de", "test")) == [(1, "label 'gold' is none of 0, 1")]
    write(
        tmp_path / "xnli.test.tsv", f"{xnli_row('de', 'neutral', 'a', 'b')}\n{xnli_row('de', 'entailment', 'c', 'd')}\n"
    )
    assert XnliReader(languages=("de",)).read(tmp_path, "de", "test").gold == ["neutral", "entailment"]
    write(tmp_path / "multinli.train.en.tsv", "a\tb\tneutral\nc\td\tcontradictory\n")
    assert XnliReader().read(tmp_path, "en", "train").gold == ["neutral", "contradiction"]
    write(tmp_path / "test-fr.tsv", "sentence1\tsentence2\na\tb\n")
    assert problems(PawsxReader().read(tmp_path, "fr", "test")) == [
        (1, "a header, where XTREME's files have none: delete the line")
    ]


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
