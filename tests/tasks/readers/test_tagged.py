"""UDPOS and PAN-X word lines, and WikiAnn's own files."""

from pathlib import Path

from tests.tasks.readers.made_up import problems, write
from xharness.tasks import panx, udpos
from xharness.tasks.readers.tagged import ENTITY_TAGS, UPOS, PanxReader, UdposReader
from xharness.tasks.types.tagging import TaggedSentence


def test_tags_are_those_of_the_tasks() -> None:
    assert udpos.TASK.labels == UPOS
    assert panx.TASK.labels == ENTITY_TAGS


def test_test_words_without_tags(tmp_path: Path) -> None:
    write(tmp_path / "test-de.tsv", "Ein\nWort\u2028x\n\n\u00a0\n")
    found = UdposReader().read(tmp_path, "de", "test")
    assert found.examples == [TaggedSentence("1", ("Ein", "Wort\u2028x")), TaggedSentence("2", ("\u00a0",))]
    assert found.gold is None
    assert not found.problems


def test_train_and_dev_have_tags(tmp_path: Path) -> None:
    write(tmp_path / "train-en.tsv", "A\tDET\ndoor\tNOUN\n\nGo\tVERB\n\n")
    found = UdposReader().read(tmp_path, "en", "train")
    assert found.gold == [["DET", "NOUN"], ["VERB"]]
    assert found.examples[1] == TaggedSentence("2", ("Go",), ("VERB",))
    assert not found.problems


def test_a_test_file_that_still_has_its_tags_carries_gold(tmp_path: Path) -> None:
    write(tmp_path / "test-en.tsv", "Ada\tB-PER\nran\tO\n")
    assert PanxReader().read(tmp_path, "en", "test").gold == [["B-PER", "O"]]


def test_every_broken_line_is_found(tmp_path: Path) -> None:
    (tmp_path / "dev-en.tsv").write_bytes(b"a\tO\nb\n\tO\n\n\nc\tB-CAT\nd\xff\tO\ne\tO\tO\n")
    assert problems(PanxReader().read(tmp_path, "en", "dev")) == [
        (2, "1 column instead of 2"),
        (3, "the word is empty"),
        (6, "tag 'B-CAT' is none of O, B-LOC, B-ORG, B-PER, I-LOC, I-ORG, I-PER"),
        (7, "byte 2 of the line is not UTF-8"),
        (8, "3 columns instead of 2"),
    ]


def test_blank_lines_in_a_row_are_one_end_of_a_sentence(tmp_path: Path) -> None:
    """As XTREME's early preprocessing wrote them; at the end of a file they do no harm."""
    write(tmp_path / "test-en.tsv", "\na\n\n \nb\nc\n\n\n\nd\n\n\n")
    found = PanxReader().read(tmp_path, "en", "test")
    assert [example.words for example in found.examples] == [("a",), ("b", "c"), ("d",)]
    assert not found.problems
    assert found.notes == ("test-en.tsv: 4 sentences left out: empty, between blank lines in a row",)
    assert (found.rows[0].read, found.rows[0].used) == (7, 3)


def test_wikiann_lines(tmp_path: Path) -> None:
    text = "en:Ada\tB-PER\nen:::\tO\nnocolon\tO\n\nen: Bob \tB-PER\n\n"
    write(tmp_path / "en" / "dev", text)
    found = PanxReader().read(tmp_path, "en", "dev")
    assert [example.words for example in found.examples] == [("Ada", "::"), ("Bob",)]
    assert found.gold == [["B-PER", "O"], ["B-PER"]]
    assert not found.problems
    assert found.notes[1] == "dev: 1 line left out: no colon, as in the reference"
    assert (found.rows[0].read, found.rows[0].used) == (4, 3)


def test_an_empty_wikiann_token_ends_the_sentence_in_test_only(tmp_path: Path) -> None:
    for split in ("test", "train"):
        write(tmp_path / f"en-{split}", "en:a\tO\nen:\u3000\tO\nen:b\tO\n")
    test, train = (PanxReader().read(tmp_path, "en", split) for split in ("test", "train"))
    assert [example.words for example in test.examples] == [("a",), ("b",)]
    assert [example.words for example in train.examples] == [("a", "b")]
    what = "an empty token, which ends the sentence as in the reference"
    assert test.notes[1] == f"en-test: 1 line left out: {what}"
    assert train.notes[1] == "en-train: 1 line left out: an empty token"


def test_a_wikiann_line_of_another_language_is_named(tmp_path: Path) -> None:
    write(tmp_path / "de" / "test", "de:Haus\tO\nfr:maison\tO\n10:30\tO\n")
    found = PanxReader(languages=("de", "fr")).read(tmp_path, "de", "test")
    assert problems(found) == [(2, "a line of another language: 'fr'")]
    assert (found.rows[0].read, found.rows[0].used) == (3, 2)


def test_broken_wikiann_lines(tmp_path: Path) -> None:
    write(tmp_path / "en-test", "en:a\tO\nen:b\nen:c\tB-CAT\n")
    found = PanxReader().read(tmp_path, "en", "test")
    assert [line for line, _ in problems(found)] == [2, 3]
