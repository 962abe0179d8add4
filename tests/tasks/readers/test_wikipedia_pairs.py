"""Mewsli-X's training pairs: the texts of evaluation, and every fault with its line."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tests.tasks.readers.ranked import article, entity, pair, write_pairs, write_rows
from xharness.tasks import mewslix
from xharness.tasks.common.errors import BadFiles
from xharness.tasks.intermediate import wikipedia_pairs
from xharness.tasks.intermediate.data import find_folder, load
from xharness.tasks.readers.wikipedia_pairs import WikipediaPairsReader
from xharness.tasks.types.text_pairs import TextPair

READER = WikipediaPairsReader()
SENTENCES = ["Born in 1900.", "He  lived in {old} Paris now.", "He died."]


def test_texts_are_those_of_evaluation(tmp_path: Path) -> None:
    right = entity("Q90", ["The capital\nof France.", "It is  large."], "en")
    write_rows(tmp_path / "wikipedia_pairs-train.jsonl", [pair("m1", SENTENCES, 1, "Paris", right)])
    write_rows(tmp_path / "candidate_set_entities.jsonl", [right])
    write_rows(tmp_path / "wikinews_mentions-test.jsonl", [article("en", SENTENCES, {"m1": (1, "Paris", "Q90")})])
    found = READER.read(tmp_path, "en", "train")
    query = "Paris: He lived in (old) { Paris } now."
    assert found.examples == [TextPair("m1", query, "The capital of France. It is large.")]
    assert mewslix.TASK.reader is not None
    (queries,) = mewslix.TASK.reader.read(tmp_path, "en", "test").examples
    assert (queries.texts, queries.candidates.texts(range(1))) == ((query,), [found.examples[0].document])


def test_every_fault_at_once_with_its_line(tmp_path: Path) -> None:
    good = pair("m0", SENTENCES, 1, "Paris", entity("Q90", ["A city."], "en"))
    rows = [copy.deepcopy(good) for _ in range(10)]
    for number, row in enumerate(rows):
        row["contextual_mention"]["mention"]["example_id"] = f"m{number}"
    both = [row["contextual_mention"] for row in rows]
    both[1]["mention"]["mention_span"]["end"] = 999
    both[2]["mention"]["mention_span"]["text"] = "Rome"
    both[3]["context"]["sentence_spans"] = [{"start": 0, "end": 13}]
    both[4]["context"]["language"] = rows[4]["entity"]["description_language"] = "de"
    both[5]["mention"]["example_id"] = "m0"
    both[6]["mention"]["entity_id"] = "Q1"
    both[7]["mention"]["entity_id"] = ""
    rows[8]["entity"]["sentence_spans"][0]["end"] = 99
    both[9]["context"]["sentence_spans"][0]["end"] = 9999
    size = len(both[0]["context"]["text"])
    path = write_rows(tmp_path / "mewslix" / "wikipedia_pairs-train.jsonl", [*rows, {"entity": {}}, []])
    with pytest.raises(BadFiles) as error:
        load(wikipedia_pairs.TASK, tmp_path)
    assert {one.file for one in error.value.problems} == {path}
    assert [(one.line, one.what) for one in error.value.problems] == [
        (2, f"mention 'm1': mention_span is 33 to 999, outside its text of {size} characters"),
        (3, "mention 'm2': mention_span says 'Rome', and its text has 'Paris' there"),
        (4, "mention 'm3': it is in no sentence"),
        (5, "mention 'm4': entity 'Q90': description_language 'de': it must be en"),
        (5, "mention 'm4': language 'de': it must be en"),
        (6, "mention 'm0': it is there twice, first on line 1"),
        (7, "mention 'm6': it means 'Q1', and the entity beside it is 'Q90'"),
        (8, "mention 'm7': no 'entity_id'; was the file blanked?"),
        (9, "mention 'm8': entity 'Q90': sentence_spans: sentence 1 is 0 to 99, outside its text of 7 characters"),
        (10, f"mention 'm9': sentence_spans: sentence 1 is 0 to 9999, outside its text of {size} characters"),
        (11, "no 'contextual_mention' with a 'mention' that has an id"),
        (12, "not a JSON object"),
    ]


@pytest.mark.parametrize("content", [b"", b"{\n", b"\xff\n", b"\n", b"{}\n", b'{"contextual_mention": 1}\n'])
def test_whatever_a_file_holds_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "wikipedia_pairs-train.jsonl").write_bytes(content)
    assert READER.read(tmp_path, "en", "train").problems


def test_they_lie_where_the_released_files_lie(tmp_path: Path) -> None:
    folder = tmp_path / "download" / "mewslix"
    write_pairs(folder)
    assert find_folder(tmp_path, wikipedia_pairs.TASK) == folder
    found = load(wikipedia_pairs.TASK, tmp_path)
    assert (len(found.examples), found.rows[0].unit, found.rows[0].used) == (12, "pair", 12)
