"""XQuAD-R: candidates, questions and gold as published, and every fault with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.readers.ranked import paragraph, write_json, write_xquad_r
from xharness.tasks.lareqa import TASK

READER = TASK.reader
CANDIDATES = {"ar": 1222, "de": 1276, "el": 1234, "en": 1180, "es": 1215, "hi": 1244, "ru": 1219, "th": 852,
              "tr": 1167, "vi": 1209, "zh": 1196}  # fmt: skip


def read(folder: Path, language: str = "de") -> Any:
    assert READER is not None
    return READER.read(folder, language, "test")


def test_names_texts_and_gold(tmp_path: Path) -> None:
    for language in ("de", "zh"):
        made = paragraph(["Eins. ", "Zwei", "Zwei"], {"a": ("Was? ", 0), "b": ("Wer?", 1)})
        empty = paragraph(["Leer."], {})
        write_json(tmp_path / "xquad-r" / f"{language}.json", {"data": [{"paragraphs": [empty, made]}]})
    found = read(tmp_path, "zh")
    (queries,) = found.examples
    assert queries.ids == ("a_zh", "b_zh")
    assert queries.texts == ("Was?", "Wer?")
    names = list(queries.candidates.rows)
    assert names == ["de_2_0", "de_2_1", "de_2_2", "zh_2_0", "zh_2_1", "zh_2_2"]
    assert queries.candidates.texts(range(2)) == ["Eins. Eins. ZweiZwei", "ZweiEins. ZweiZwei"]
    assert queries.candidates.pools == {"de": range(3), "zh": range(3, 6)}
    assert found.gold == {"a_zh": ["de_2_0", "zh_2_0"], "b_zh": ["de_2_1", "de_2_2", "zh_2_1", "zh_2_2"]}
    assert found.problems == ()
    assert found.notes == ("candidates are in 2 of 11 languages (de zh)",)


def test_a_language_has_its_own_file_first_and_all_others(tmp_path: Path) -> None:
    write_xquad_r(tmp_path, ["ar", "de", "en"])
    assert READER is not None
    assert [path.stem for path in READER.find(tmp_path, "de", "test")] == ["de", "ar", "en"]
    assert READER.find(tmp_path, "el", "test") == READER.find(tmp_path, "de", "dev") == ()
    with pytest.raises(FileNotFoundError):
        read(tmp_path, "el")


def test_without_answers_there_is_no_gold(tmp_path: Path) -> None:
    made = paragraph(["Eins."], {"a": ("Was?", 0)})
    made["qas"][0]["answers"] = []
    write_json(tmp_path / "xquad-r" / "de.json", {"data": [{"paragraphs": [made]}]})
    assert read(tmp_path).gold is None


def test_every_fault_at_once_with_its_line(tmp_path: Path) -> None:
    made = paragraph(
        ["Eins.", "Zwei."], {name: (f"Was ist {name}?", 0) for name in ("qa", "qb", "qc", "qd", "qg", "qh")}
    )
    made["qas"][1]["answers"] = []
    made["qas"][2]["answers"][0]["answer_start"] = 400
    made["qas"][3]["id"] = "qa"
    made["qas"][4]["answers"][0] = {"text": "\n", "answer_start": 5}
    made["qas"][5]["answers"][0]["text"] = "Eims"
    outside = paragraph(["Drei."], {"qe": ("Was?", 0)})
    outside["sentence_breaks"] = [[0, 900]]
    none = paragraph(["Vier."], {"qf": ("Was?", 0)})
    del none["sentence_breaks"]
    path = write_json(tmp_path / "xquad-r" / "de.json", {"data": [{"paragraphs": [made, outside, none]}]})
    for name in ("xx", "de-DE"):
        write_json(tmp_path / "xquad-r" / f"{name}.json", {})
    lines = path.read_text().splitlines()

    def line(text: str, nth: int = 0) -> int:
        return [number for number, each in enumerate(lines, 1) if text in each][nth]

    place, known = "data[0].paragraphs", "ar de el en es hi ru th tr vi zh"
    expected = [
        ("de.json", line('"qa"', 1), "question id 'qa' is there twice"),
        ("de.json", line('"qb"'), "question 'qb' has no answer, others have"),
        ("de.json", line('"qc"'), "question 'qc': the answer 'Eins' does not stand at 400"),
        ("de.json", line('"qg"'), "question 'qg': its answer at 5 is in no sentence"),
        ("de.json", line('"qh"'), "question 'qh': the answer 'Eims' does not stand at 0"),
        (
            "de.json",
            line("Drei.\\n"),
            f"{place}[1].sentence_breaks: sentence 1 is 0 to 900, outside its text of 6 characters",
        ),
        ("de.json", line("Vier.\\n"), f"{place}[2].sentence_breaks: no list of sentences"),
        ("de-DE.json", 0, f"'de-DE' is none of its languages ({known}); rename or remove the file"),
        ("xx.json", 0, f"'xx' is none of its languages ({known}); rename or remove the file"),
    ]
    found = [(one.file.name, one.line, one.what) for one in read(tmp_path).problems]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'{"data": [{"paragraphs": [7]}]}', b'{"data": []}'])
def test_whatever_a_file_holds_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "xquad-r" / "de.json"
    path.parent.mkdir()
    path.write_bytes(content)
    assert read(tmp_path).problems


def test_counts_of_the_real_files(shared_data: Path) -> None:
    folder = shared_data / "lareqa"
    assert READER is not None
    there = [language for language in TASK.languages if READER.find(folder, language, "test")]
    if not there:
        pytest.skip("no XQuAD-R here")
    for language in there:
        found = read(folder, language)
        (queries,) = found.examples
        assert len(queries.ids) == 1190
        assert {name: len(pool) for name, pool in queries.candidates.pools.items()} == {
            each: CANDIDATES[each] for each in there
        }
        assert {len(right) for right in found.gold.values()} == {len(there)}
        assert found.problems == ()


def test_counts_of_all_languages_as_published() -> None:
    assert sum(CANDIDATES.values()) == 13_014
    assert json.dumps(sorted(CANDIDATES)) == json.dumps(sorted(TASK.languages))
    assert sum(TASK.published.values()) == 13_090
