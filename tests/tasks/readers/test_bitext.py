"""Tatoeba and LASER's rule for its gold; BUCC under both names; broken lines."""

from pathlib import Path

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks import tatoeba
from xharness.tasks.readers.bitext import THREE_LETTERS, BuccReader, TatoebaReader
from xharness.tasks.registry import languages_of
from xharness.tasks.types.bitext_retrieval import BITEXT_RETRIEVAL, Bitext


def test_every_language_has_laser_s_code() -> None:
    assert set(THREE_LETTERS) == set(languages_of(tatoeba.TASK))
    assert len(set(THREE_LETTERS.values())) == 41


def test_gold_follows_from_laser_s_files(tmp_path: Path) -> None:
    folder = tmp_path / "LASER-main" / "data" / "tatoeba" / "v1"
    write(folder / "tatoeba.deu-eng.eng", "  zebra\nApple\n\u00c4pple\nApple \n")
    write(folder / "tatoeba.deu-eng.deu", "Zebra \nApfel\nÄpfel\nApfel 2\n")
    found = TatoebaReader().read(tmp_path, "de", "test")
    assert found.examples == [Bitext(("Apple", "Apple", "zebra", "Äpple"), ("Zebra ", "Apfel", "Äpfel", "Apfel 2"))]
    assert found.gold == ["1", "3", "0", "2"]
    assert not found.problems


def test_preprocessed_files_carry_no_gold_and_should_be_sorted(tmp_path: Path) -> None:
    write(tmp_path / "de-en.en", "a\nb\n")
    write(tmp_path / "de-en.de", "x\ny\n")
    found = TatoebaReader().read(tmp_path, "de", "test")
    assert (found.gold, found.notes) == (None, ())
    assert [path.name for path in found.files] == ["de-en.en", "de-en.de"]
    write(tmp_path / "de-en.en", "b\na\n")
    found = TatoebaReader().read(tmp_path, "de", "test")
    assert found.examples[0].queries == ("b", "a")
    assert "not sorted" in found.notes[0]
    assert TatoebaReader().find(tmp_path, "de", "dev") == TatoebaReader().find(tmp_path, "en", "test") == ()


def test_broken_tatoeba_lines(tmp_path: Path) -> None:
    write(tmp_path / "de-en.en", "a\n \nc\n")
    (tmp_path / "de-en.de").write_bytes(b"x\n\xff\n")
    assert problems(TatoebaReader().read(tmp_path, "de", "test")) == [
        (2, "byte 1 of the line is not UTF-8"),
        (3, "2 lines, but de-en.en has 3"),
        (2, "the line is empty"),
    ]


@pytest.mark.shared_data
def test_real_labels_follow_the_rule(shared_data: Path) -> None:
    reader = TatoebaReader()
    for language in tatoeba.LANGUAGES:
        if reader.find(shared_data / "download" / "tatoeba", language, "test"):
            found = reader.read(shared_data / "download" / "tatoeba", language, "test")
            gold = BITEXT_RETRIEVAL.parse_gold(shared_data / "labels" / "tatoeba" / f"test-{language}.tsv").answers
            assert not found.notes, f"{language}: English is not sorted"
            assert sorted(map(int, gold)) == list(range(tatoeba.PUBLISHED[language]))
            assert len(found.examples[0].queries) == len(gold)


def test_bucc_under_both_names(tmp_path: Path) -> None:
    folder = tmp_path / "bucc2018" / "de-en"
    for name, gold in (("training", "de-1\ten-2\n"), ("sample", "de-1\ten-1\n")):
        write(folder / f"de-en.{name}.de", f"de-1\tEins {name}\n")
        write(folder / f"de-en.{name}.en", "en-1\tOne\nen-2\tTwo\n")
        write(folder / f"de-en.{name}.gold", gold)
    test, dev = (BuccReader().read(tmp_path, "de", split) for split in ("test", "dev"))
    assert test.examples[0].source == (("de-1", "Eins training"),)
    assert test.examples[0].target == (("en-1", "One"), ("en-2", "Two"))
    assert (test.gold, dev.gold) == ([("de-1", "en-2")], [("de-1", "en-1")])
    write(tmp_path / "de-en.test.de", "de-1\tEins\n")
    write(tmp_path / "de-en.test.en", "en-1\tOne\n")
    test = BuccReader().read(tmp_path, "de", "test")
    assert test.examples[0].source == (("de-1", "Eins"),)
    assert test.gold is None
    assert "preprocessed files win" in test.notes[0]
    assert BuccReader().find(tmp_path, "de", "train") == ()


def test_broken_bucc_lines(tmp_path: Path) -> None:
    write(tmp_path / "de-en.dev.de", "de-1\tEins\nde-1\tZwei\nde-3\n\tDrei\nde-5\t\n")
    write(tmp_path / "de-en.dev.en", "en-1\tOne\tmore\n")
    write(tmp_path / "de-en.dev.gold", "de-1\ten-1\nde-1\n")
    found = BuccReader().read(tmp_path, "de", "dev")
    assert [(problem.file.suffix, problem.line, problem.what) for problem in found.problems] == [
        (".de", 2, "id 'de-1' is there twice, first on line 1"),
        (".de", 3, "1 column instead of 2"),
        (".de", 4, "column 1 is empty"),
        (".de", 5, "column 2 is empty"),
        (".en", 1, "3 columns instead of 2"),
        (".gold", 2, "'de-1' is not 'source id TAB target id'"),
    ]


def test_bucc_gold_is_checked_against_the_corpora(tmp_path: Path) -> None:
    write(tmp_path / "de-en.dev.de", "de-0\tEins\nde-1\tZwei\n")
    write(tmp_path / "de-en.dev.en", "en-0\tOne\nen-1\tTwo\n")
    gold = write(tmp_path / "de-en.dev.gold", "en-0\tde-0\nde-1\ten-7\nde-7\ten-1\nde-1\ten-1\nde-1\ten-1\n")
    found = BuccReader().read(tmp_path, "de", "dev")
    assert problems(found) == [
        (1, "English stands first in 'en-0 de-0'; swap the two columns"),
        (2, "id 'en-7' is not in the English corpus"),
        (3, "id 'de-7' is not in the source corpus"),
        (5, "the pair 'de-1 en-1' is there twice, first on line 4"),
    ]
    assert found.gold == [("de-1", "en-1")]
    assert [(rows.file.suffix, rows.read, rows.used) for rows in found.rows] == [
        (".de", 2, 2), (".en", 2, 2), (".gold", 5, 1),
    ]  # fmt: skip
    write(gold, "")
    assert (0, "there is no pair in it") in problems(BuccReader().read(tmp_path, "de", "dev"))
