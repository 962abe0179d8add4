"""Mewsli-X: texts exactly as the reference makes them, both layouts, and every fault with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.readers.ranked import article, entity, write_json, write_mewslix, write_rows
from xharness.tasks.common.errors import UserError
from xharness.tasks.mewslix import TASK
from xharness.tasks.readers.mewslix import query_text

READER = TASK.reader


def read(folder: Path, language: str = "de", split: str = "test") -> Any:
    assert READER is not None
    return READER.read(folder, language, split)


@pytest.mark.parametrize(
    ("left", "mention", "right", "text"),
    [
        ("He lives in ", "Paris", " now.", "Paris: He lives in { Paris } now."),
        ("", "Paris", "", "Paris: { Paris }"),
        ("a {x} and {y", "M", "} z", "M: a (x) and {y { M } } z"),
        ("one\ntwo\u2028three", "M", " four", "M: one two three { M } four"),
        ("three   spaces", "M", "", "M: three  spaces { M }"),
    ],
)
def test_query_text(left: str, mention: str, right: str, text: str) -> None:
    assert query_text(left, mention, right) == text


def test_released_files(tmp_path: Path) -> None:
    text = ["Zuerst das.", "Er lebt in Paris  heute.", "Ende."]
    rows = [article("de", text, {"m1": (1, "Paris", "Q90"), "m2": (0, "das", "Q1")}),
            article("en", ["Only this."], {"m3": (0, "this", "Q1")})]  # fmt: skip
    write_rows(tmp_path / "wikinews_mentions-test.jsonl", rows)
    write_rows(
        tmp_path / "candidate_set_entities.jsonl",
        [entity("Q1", ["Eine Sache.", "Noch\nwas."]), entity("Q90", ["Die  Stadt."], "zh-min-nan")],
    )
    found = read(tmp_path)
    (queries,) = found.examples
    assert queries.ids == ("m1", "m2")
    assert queries.texts == ("Paris: Er lebt in { Paris }  heute.", "das: Zuerst { das } .")
    assert list(queries.candidates.rows) == ["Q1", "Q90"]
    assert queries.candidates.texts(range(2)) == ["Eine Sache. Noch was.", "Die Stadt."]
    assert found.gold == {"m1": ["Q90"], "m2": ["Q1"]}
    assert found.problems == ()
    assert READER is not None
    assert READER.find(tmp_path, "ar", "test") == ()
    assert [path.name for path in READER.find(tmp_path, "en", "test")] == [
        "wikinews_mentions-test.jsonl",
        "candidate_set_entities.jsonl",
    ]


def test_preprocessed_files_have_their_entities_apart(tmp_path: Path) -> None:
    write_rows(
        tmp_path / "wikinews_mentions" / "test-de.jsonl",
        [article("de", ["Er lebt in Paris."], {"m1": (0, "Paris", ""), "m2": (0, "Er", "")})],
    )
    write_rows(tmp_path / "candidate_set_entities.jsonl", [entity("Q1", ["Eine Sache."])])
    assert read(tmp_path).gold is None
    write_json(tmp_path / "wikinews_labels" / "test-de.json", {"m1": ["Q1"], "m2": ["Q7"]})
    found = read(tmp_path)
    assert found.gold == {"m1": ["Q1"], "m2": ["Q7"]}
    assert [(one.file.name, one.what) for one in found.problems] == [
        ("test-de.json", "'Q7', gold of 'm2', is not a candidate")
    ]


def test_every_fault_at_once_with_its_line(tmp_path: Path) -> None:
    right = article("de", ["Er lebt in Paris."], {"m1": (0, "Paris", "Q1")})
    wrong = [json.loads(json.dumps(right)) for _ in range(7)]
    for number, each in enumerate(wrong):
        each["mentions"][0]["example_id"] = f"w{number}"
    wrong[0]["mentions"][0]["mention_span"]["end"] = 99
    wrong[1]["mentions"][0]["mention_span"]["text"] = "Rom"
    wrong[2]["context"]["sentence_spans"][0]["end"] = 99
    wrong[3]["context"]["language"] = "xx"
    wrong[4]["mentions"][0]["example_id"] = "m1"
    wrong[5]["mentions"][0]["entity_id"] = "Q404"
    wrong[6]["mentions"][0]["entity_id"] = ""
    no_context = {"context": 3, "mentions": []}
    write_rows(tmp_path / "wikinews_mentions-test.jsonl", [right, *wrong, [], no_context])
    bad = entity("Q2", ["Eins."], "DE")
    bad["sentence_spans"][0]["end"] = 77
    write_rows(tmp_path / "candidate_set_entities.jsonl", [entity("Q1", ["Eins."]), bad, entity("Q1", ["Zwei."]), {}])
    assert [(one.file.name.partition("_")[0], one.line, one.what) for one in read(tmp_path).problems] == [
        ("candidate", 2, "entity 'Q2': description_language 'DE' is not a language code"),
        ("candidate", 2, "entity 'Q2': sentence_spans: sentence 1 is 0 to 77, outside its text of 5 characters"),
        ("candidate", 3, "entity 'Q1' is there twice, first on line 1"),
        ("candidate", 4, "no 'entity_id'"),
        ("wikinews", 2, "mention 'w0': mention_span is 11 to 99, outside its text of 17 characters"),
        ("wikinews", 3, "mention 'w1': mention_span says 'Rom', and its text has 'Paris' there"),
        ("wikinews", 4, "sentence_spans: sentence 1 is 0 to 99, outside its text of 17 characters"),
        ("wikinews", 5, "language 'xx': known are ar de en es fa ja pl ro ta tr uk"),
        ("wikinews", 6, "mention 'm1' is there twice, first on line 1"),
        ("wikinews", 7, "'Q404', the entity of mention 'w5', is not a candidate"),
        ("wikinews", 8, "mention 'w6' has no entity, others have"),
        ("wikinews", 9, "not a JSON object"),
        ("wikinews", 10, "no object 'context' with a list 'mentions'"),
    ]


def test_without_candidates_there_is_one_line(tmp_path: Path) -> None:
    write_mewslix(tmp_path, ["de"])
    (tmp_path / "candidate_set_entities.jsonl").unlink()
    assert [one.what for one in read(tmp_path).problems] == ["no such file; it holds the entities that are ranked"]


def test_a_candidate_set_that_was_changed_meanwhile(tmp_path: Path) -> None:
    write_mewslix(tmp_path, ["de"])
    candidates = read(tmp_path).examples[0].candidates
    write_rows(tmp_path / "candidate_set_entities.jsonl", [entity("Q1", ["Other."])])
    with pytest.raises(UserError, match="changed meanwhile"):
        candidates.texts(range(1))


@pytest.mark.parametrize("content", [b"", b"{\n", b"\xff\n", b"\n", b"{}\n", b'{"context": {}, "mentions": [1]}\n'])
def test_whatever_a_file_holds_is_told(tmp_path: Path, content: bytes) -> None:
    write_mewslix(tmp_path, ["de"])
    (tmp_path / "wikinews_mentions-test.jsonl").write_bytes(content)
    assert read(tmp_path).problems
    (tmp_path / "candidate_set_entities.jsonl").write_bytes(content)
    assert any("candidate" in one.file.name for one in read(tmp_path).problems)
