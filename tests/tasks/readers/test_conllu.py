"""CoNLL-U: multi-word tokens, empty nodes, withheld words, ties, broken lines; and the real files."""

from pathlib import Path

import pytest

from tests.tasks.readers.made_up import write
from xharness.tasks.base import MALFORMED
from xharness.tasks.readers.conllu import WITHHELD, Treebank, read_treebank
from xharness.tasks.readers.tagged import UPOS, UdposReader
from xharness.tasks.types.tagging import TAGGING


def row(name: str, form: str, upos: str = "_", head: str = "_", deps: str = "_") -> str:
    return "\t".join([name, form, "_", upos, "_", "_", head, "_", deps, "_"])


def convert(tmp_path: Path, *rows: str, language: str = "es") -> Treebank:
    return read_treebank(write(tmp_path / "xx_a-ud-test.conllu", "\n".join(rows) + "\n"), language, UPOS)


def test_a_multi_word_token_takes_the_tag_of_its_head(tmp_path: Path) -> None:
    found = convert(
        tmp_path,
        "# text = del año",
        row("1-2", "del"),
        row("1", "de", "ADP", "3"),
        row("2", "el", "DET", "1"),
        row("3", "año", "NOUN", "0"),
        row("3.1", "x", "VERB"),
        "",
        row("1-3", "dámelo"),
        row("1", "da", "VERB", "0"),
        row("2", "me", "PRON", "1"),
        row("3", "lo", "PRON", "1"),
    )
    assert found.sentences == [(("del", "año"), ("ADP", "NOUN")), (("dámelo",), ("VERB",))]
    assert not found.problems
    assert not found.notes


def test_equals_are_decided_by_the_order_of_the_language(tmp_path: Path) -> None:
    rows = (row("1-2", "zum"), row("1", "zu", "ADP", "3"), row("2", "dem", "DET", "3"), row("3", "Haus", "NOUN", "0"))
    assert convert(tmp_path, *rows, language="de").sentences[0][1] == ("ADP", "NOUN")
    pair = (row("1-2", "ab"), row("1", "a", "NOUN", "3"), row("2", "b", "PRON", "3"), row("3", "c", "VERB", "0"))
    assert convert(tmp_path, *pair, language="de").sentences[0][1][0] == "NOUN"
    assert convert(tmp_path, *pair, language="fr").sentences[0][1][0] == "PRON"


def test_enhanced_edges_add_ancestors(tmp_path: Path) -> None:
    words = [row("3", "c", "ADV", "0"), row("4", "d", "ADV", "3")]
    plain = convert(tmp_path, row("1-2", "ab"), row("1", "a", "DET", "3"), row("2", "b", "ADP", "4"), *words)
    assert plain.sentences[0][1][0] == "DET"
    deps = "3:det|4:x|2:y|2.1:z"
    enhanced = convert(tmp_path, row("1-2", "ab"), row("1", "a", "DET", "3", deps), row("2", "b", "ADP", "4"), *words)
    assert enhanced.sentences[0][1][0] == "ADP"


def test_a_tie_with_an_unlisted_tag_keeps_the_file_and_is_noted(tmp_path: Path) -> None:
    rows = (row("1-2", "ab"), row("1", "a", "NOUN", "3"), row("2", "b", "DET", "3"), row("3", "c", "VERB", "0"))
    found = convert(tmp_path, *rows, language="es")
    assert found.sentences == [(("ab", "c"), ("DET", "VERB"))]
    assert len(found.notes) == 1
    assert ":1: a tie of NOUN and DET in 'ab'" in found.notes[0]


def test_withheld_words(tmp_path: Path) -> None:
    found = convert(
        tmp_path,
        *(row("1", "_", "X", "0"), row("2", "a", "X", "1"), ""),
        *(row("1", "_", "X", "0"), row("2", "a", "X", "1"), row("3", "b", "X", "1"), ""),
        *(row("1", "_", "PUNCT", "0"), ""),
    )
    assert found.sentences == [(("_", "a", "b"), ("X", "X", "X"))]
    assert found.notes == ["xx_a-ud-test.conllu: 2 sentences left out: all words or all but one are '_'"]


def test_spaces_and_non_joiners_go_other_spaces_stay(tmp_path: Path) -> None:
    found = convert(
        tmp_path, row("1", "10 000", "NUM", "0"), row("2", "می\u200cشود", "VERB", "1"), row("3", "a\u00a0b", "X", "1")
    )
    assert found.sentences[0][0] == ("10000", "میشود", "a\u00a0b")


def test_broken_lines_cost_their_sentence_only(tmp_path: Path) -> None:
    good = row("1", "ok", "ADJ", "0")
    found = convert(
        tmp_path,
        *("1\tonly\tthree", row("2", "b", "X", "0"), ""),
        *(row("1", "a", "X", "0"), row("3", "b", "X", "1"), row("4", "c", "X", "1"), ""),
        *(row("1-4", "ab"), row("1", "a", "X", "0"), row("2", "b", "X", "1"), ""),
        *(row("1", "a", "NN", "0"), row("2", "", "X", "1"), ""),
        *(good, ""),
    )
    assert found.sentences == [(("ok",), ("ADJ",))]
    assert [(problem.line, problem.what) for problem in sorted(found.problems)] == [
        (1, "3 columns instead of 10"),
        (5, "word id '3' where 2 is due"),
        (8, "'1-4' is not a range of the words that follow"),
        (12, "tag 'NN' is not a universal part of speech"),
        (13, "the form is empty"),
    ]


def test_all_treebanks_of_a_language_in_the_order_of_their_names(tmp_path: Path) -> None:
    for folder, name, word in (
        ("b", "de_a", "eins"),
        ("a", "de_b", "zwei"),
        ("a", "den_a", "drei"),
        ("a", "en_a", "x"),
    ):
        write(tmp_path / folder / f"{name}-ud-test.conllu", row("1", word, "NUM", "0") + "\n\n")
    write(tmp_path / "a" / "de_b-ud-dev.conllu", row("1", "vier", "NUM", "0") + "\n")
    found = UdposReader().read(tmp_path, "de", "test")
    assert [(example.id, example.words) for example in found.examples] == [("1", ("eins",)), ("2", ("zwei",))]
    assert found.gold == [["NUM"], ["NUM"]]
    assert [path.name for path in found.files] == ["de_a-ud-test.conllu", "de_b-ud-test.conllu"]
    assert UdposReader().read(tmp_path, "de", "dev").examples[0].words == ("vier",)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "place"),
    [("ar_pud-ud-test", 680), ("de_gsd-ud-test", 0), ("en_ewt-ud-test", 0), ("en_ewt-ud-dev", 0),
     ("fr_gsd-ud-test", 2301), ("zh_gsd-ud-test", 451)],
)  # fmt: skip
def test_real_treebanks_are_a_block_of_the_preprocessed_file(shared_data: Path, name: str, place: int) -> None:
    language, split = name[:2], name.rpartition("-")[2]
    ours = read_treebank(shared_data / "ud_conllu" / f"{name}.conllu", language, UPOS)
    assert not ours.problems
    reference = UdposReader().read(shared_data / "download" / "udpos", language, split)
    labels = shared_data / "labels" / "udpos" / f"{split}-{language}.tsv"
    gold = reference.gold or TAGGING.parse_gold(labels).answers
    expected = [(example.words, tuple(tags)) for example, tags in zip(reference.examples, gold, strict=True)]
    assert ours.sentences == expected[place : place + len(ours.sentences)]


def bank(word: str) -> str:
    return f"1\t{word}\t_\tNOUN\t_\t_\t0\troot\t_\t_\n\n"


def test_of_two_releases_side_by_side_xtreme_s_is_read(tmp_path: Path) -> None:
    reader = UdposReader(added=("lt",))
    for release in ("2.5", "2.7", "2.10"):
        for language in ("de", "lt"):
            folder = tmp_path / f"ud-treebanks-v{release}" / "UD_X-PUD"
            write(folder / f"{language}_pud-ud-test.conllu", bank(release) * 2)
    german, lithuanian = (reader.read(tmp_path, language, "test") for language in ("de", "lt"))
    assert [example.words for example in german.examples] == [("2.5",)] * 2
    assert [example.words for example in lithuanian.examples] == [("2.7",)] * 2
    assert german.notes[1:] == ("release 2.5 is read, 2 files beside it (release 2.10, 2.7) left aside",)
    assert (german.files, german.problems) == (reader.find(tmp_path, "de", "test"), ())
    assert [(rows.unit, rows.read, rows.used) for rows in german.rows] == [("sentence", 2, 2)]


def test_another_release_alone_is_read_with_a_note(tmp_path: Path) -> None:
    write(tmp_path / "ud-treebanks-v2.7" / "de_pud-ud-test.conllu", bank("a"))
    found = UdposReader().read(tmp_path, "de", "test")
    assert (len(found.examples), found.problems) == (1, ())
    assert found.notes[1:] == ("treebanks of release 2.7, where XTREME has 2.5",)


def test_the_same_treebank_twice_is_an_error(tmp_path: Path) -> None:
    first = write(tmp_path / "a" / "de_pud-ud-test.conllu", bank("a"))
    write(tmp_path / "b" / "de_pud-ud-test.conllu", bank("b"))
    write(tmp_path / "b" / "de_xud-ud-test.conllu", bank("a"))
    write(tmp_path / "b" / "de_zzz-ud-test.conllu", bank("c"))
    found = UdposReader().read(tmp_path, "de", "test")
    assert [(problem.file.parent.name, problem.file.name, problem.what) for problem in found.problems] == [
        ("b", "de_pud-ud-test.conllu", f"the same treebank as {first}: keep one of them"),
        ("b", "de_xud-ud-test.conllu", f"the same treebank as {first}: keep one of them"),
    ]


def test_a_number_of_thousands_of_digits(tmp_path: Path) -> None:
    path = write(tmp_path / "de_x-ud-test.conllu", "1-" + "7" * 5000 + bank("a")[1:])
    assert [problem.line for problem in read_treebank(path, "de", UPOS).problems] == [1]


def test_sentences_are_counted(tmp_path: Path) -> None:
    text = bank("a") + "1\tbroken\n\n" + bank("_") + "# only a comment\n\n" + bank("b")
    found = UdposReader().read(write(tmp_path / "de_x-ud-test.conllu", text).parent, "de", "test")
    (rows,) = found.rows
    assert (rows.read, rows.used, rows.left_out) == (4, 2, {MALFORMED: 1, WITHHELD: 1})
