"""CCG supertags: CCGbank's derivations by section, and prepared lines."""

from pathlib import Path

import pytest

from tests.tasks.readers.made_up import problems, write
from xharness.tasks.readers.ccg import CcgReader
from xharness.tasks.types.tagging import TaggedSentence

TREE = (
    "(<T S[dcl] 0 2> (<L NP NNP NNP Ada N_1/N_1> ) (<T S[dcl]\\NP 0 2> "
    "(<L (S[dcl]\\NP)/NP VBD VBD ate (S[dcl]\\NP_1)/NP_2> ) (<L NP NN NN -LRB- NP> ) ) )\n"
).replace("> )", ">)")
WORDS, TAGS = ("Ada", "ate", "-LRB-"), ("NP", "(S[dcl]\\NP)/NP", "NP")


def auto(folder: Path, section: str, text: str) -> Path:
    return write(folder / "data" / "AUTO" / section / f"wsj_{section}01.auto", text)


def test_sections_make_the_splits(tmp_path: Path) -> None:
    for section in ("00", "18", "19", "21", "22", "24"):
        auto(tmp_path, section, f"ID=wsj_{section}01.1 PARSER=GOLD NUMPARSE=1\n{TREE}")
    names = {
        split: [path.stem for path in CcgReader().find(tmp_path, "en", split)] for split in ("train", "dev", "test")
    }
    assert names == {
        "train": ["wsj_0001", "wsj_1801"],
        "dev": ["wsj_1901", "wsj_2101"],
        "test": ["wsj_2201", "wsj_2401"],
    }
    found = CcgReader().read(tmp_path, "en", "dev")
    assert found.examples[0] == TaggedSentence("wsj_1901.1", WORDS, TAGS, {"section": "19"})
    assert found.gold == [list(TAGS)] * 2


def test_other_sections(tmp_path: Path) -> None:
    auto(tmp_path, "00", f"ID=wsj_0001.1 X\n{TREE}")
    assert len(CcgReader({"dev": (0,)}).read(tmp_path, "en", "dev").examples) == 1


def test_prepared_lines(tmp_path: Path) -> None:
    write(tmp_path / "ccg.train", "Ada\u00a0B  ate .\tNP S\\NP .\nAda\tNP NP\nAda NP\n\t\n")
    found = CcgReader().read(tmp_path, "en", "train")
    assert found.examples == [TaggedSentence("1", ("Ada\u00a0B", "ate", "."), ("NP", "S\\NP", "."))]
    assert problems(found) == [(2, "1 word, but 2 tags"), (3, "1 column instead of 2"), (4, "0 words, but 0 tags")]


def test_broken_derivations(tmp_path: Path) -> None:
    auto(tmp_path, "00", f"ID=wsj_0001.1 X\n(<T NP 0 1>)\n{TREE.replace('Ada ', '')}")
    what = "not a derivation with leaves (<L category tag tag word predicate>)"
    assert problems(CcgReader().read(tmp_path, "en", "train")) == [(2, what), (3, what)]
    with pytest.raises(FileNotFoundError):
        CcgReader().read(tmp_path, "en", "test")
