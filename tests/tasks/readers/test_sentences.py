"""The rule that cuts English text into sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xharness.tasks.readers.sentences import sentence_spans


@pytest.mark.parametrize(
    "sentences",
    [
        ["One. ", "Two! ", "Three?"],
        ['He said "no." ', "(It was late.) ", "'Then?' ", "1998 came."],
        ["Dr. Smith and J. R. Brown met in Jan. 1920 in St. Louis. ", "They left."],
        ["Brown v. Board of Education was e.g. No. 4. ", "In 1954."],
        ["It is around 30 C. ", "This is hot, in dishes etc. ", "Nor is it."],
        ["version 3.1 is out.it stays one sentence"],
        ["  leading space. ", "End.\n", "After a line."],
    ],
)
def test_sentences(sentences: list[str]) -> None:
    text = "".join(sentences)
    assert [text[start:end] for start, end in sentence_spans(text)] == [each.rstrip() for each in sentences]


def test_no_text_has_no_sentence() -> None:
    assert sentence_spans("") == sentence_spans(" \n") == []


def test_breaks_of_xquad_r(shared_data: Path) -> None:
    content = json.loads((shared_data / "lareqa/xquad-r/en.json").read_text("utf-8"))
    paragraphs = [paragraph for article in content["data"] for paragraph in article["paragraphs"]]
    marked = [{start for start, _ in p["sentence_breaks"]} - {0} for p in paragraphs]
    found = [{start for start, _ in sentence_spans(p["context"])} - {0} for p in paragraphs]
    assert sum(map(len, marked)) == 940
    assert sum(len(a & b) for a, b in zip(marked, found, strict=True)) == 933
    assert sum(map(len, found)) == 933
