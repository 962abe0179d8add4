"""Dependency relations as tags: syntactic words, no subtypes, withheld sentences."""

from pathlib import Path

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.readers.dependencies import RELATIONS, DependencyReader
from xharness.tasks.types.tagging import TaggedSentence


def row(name: str, form: str, relation: str) -> str:
    return "\t".join([name, form, "_", "X", "_", "_", "0", relation, "_", "_"]) + "\n"


def test_words_and_relations(tmp_path: Path) -> None:
    text = "# text\n" + row("1-2", "don't", "_") + row("1", "do", "aux:pass") + row("2", "n't", "advmod")
    write(tmp_path / "en_x-ud-train.conllu", text + row("2.1", "go", "_") + "\n" + row("1", "_", "root") + "\n")
    found = DependencyReader().read(tmp_path, "en", "train")
    assert found.examples == [TaggedSentence("en_x-1", ("do", "n't"), ("aux", "advmod"), {"treebank": "en_x"})]
    assert found.notes == ("en_x-ud-train.conllu: 1 sentence left out: all words or all but one are '_'",)


def test_all_treebanks_of_the_split_and_broken_rows(tmp_path: Path) -> None:
    write(tmp_path / "b" / "en_a-ud-dev.conllu", row("1", "a", "subj") + "\n")
    write(tmp_path / "a" / "en_b-ud-dev.conllu", row("1", "a", "root") + "\n" + "1\ta\n\n")
    write(tmp_path / "a" / "en_b-ud-train.conllu", row("1", "a", "root") + "\n")
    found = DependencyReader().read(tmp_path, "en", "dev")
    assert [path.name for path in found.files] == ["en_a-ud-dev.conllu", "en_b-ud-dev.conllu"]
    assert len(found.examples) == 1
    assert problems(found) == [
        (1, "relation 'subj' is none of Universal Dependencies 2"),
        (3, "2 columns instead of 10"),
    ]


@pytest.mark.shared_data
def test_real_files(shared_data: Path) -> None:
    assert len(RELATIONS) == 37
    for split, size in (("dev", 2002), ("test", 2077)):
        found = DependencyReader().read(shared_data / "ud_conllu", "en", split)
        assert (len(found.examples), found.problems, found.notes) == (size, (), ())


def test_of_two_releases_one_is_read(tmp_path: Path) -> None:
    text = "1\ta\t_\tNOUN\t_\t_\t0\troot\t_\t_\n\n"
    for release in ("2.5", "2.7"):
        write(tmp_path / f"ud-treebanks-v{release}" / "en_pud-ud-test.conllu", text)
    found = DependencyReader().read(tmp_path, "en", "test")
    assert (len(found.examples), found.problems) == (1, ())
    assert found.notes == ("release 2.5 is read, 1 file beside it (release 2.7) left aside",)
    write(tmp_path / "ud-treebanks-v2.5" / "copy" / "en_pud-ud-test.conllu", text)
    assert "the same treebank as" in DependencyReader().read(tmp_path, "en", "test").problems[0].what
