"""Examples and gold as files: the bytes that XTREME's own preprocessing leaves, and gold beside them.

Pair tasks keep the csv quoting that the reference writes (readers undo it). Tagged files have no empty line at the
end. Test files of questions are blanked: one article a question, one empty answer at 0.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from harness.fetch.sources import Output
from tasks.base import Example, SentencePair, Split, TaggedSentence, Task

BLANK = {"answer_start": 0, "text": ""}


def examples(task: Task, language: str, split: str, found: Split) -> Iterator[Output]:
    """The files of one split: what models see, and for test the gold in a file of its own."""
    path = f"download/{task.name}/{split}-{language}.tsv"
    with_gold = split != "test"
    first = found.examples[0]
    if isinstance(first, SentencePair):
        yield Output(path, _pairs(found.examples, with_gold=with_gold))
        gold = "".join(f"{label}\n" for label in found.gold or ())
    elif isinstance(first, TaggedSentence):
        yield Output(path, _tagged(found.examples, with_gold=with_gold))
        gold = "\n".join("".join(f"{tag}\n" for tag in tags) for tags in found.gold or ())
    else:
        raise TypeError(f"no line format for {type(first).__name__}")
    if not with_gold and gold:
        yield Output(f"labels/{task.name}/test-{language}.tsv", gold.encode())


def _pairs(rows: Sequence[Example], *, with_gold: bool) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="\t")
    for row in rows:
        assert isinstance(row, SentencePair)
        writer.writerow([row.first, row.second, *([row.label] if with_gold else [])])
    return text.getvalue().encode()


def _tagged(rows: Sequence[Example], *, with_gold: bool) -> bytes:
    blocks = []
    for row in rows:
        assert isinstance(row, TaggedSentence)
        tags = row.tags or () if with_gold else ()
        lines = [f"{word}\t{tag}" for word, tag in zip(row.words, tags, strict=True)] if with_gold else row.words
        blocks.append("".join(f"{line}\n" for line in lines))
    return "\n".join(blocks).encode()


def tatoeba(language: str, foreign: bytes, english: Sequence[str]) -> Iterator[Output]:
    """The foreign side as it is, the English side stripped and sorted by code point, and where each line was."""
    stripped = [sentence.strip() for sentence in english]
    order = sorted(range(len(stripped)), key=stripped.__getitem__)
    yield Output(f"download/tatoeba/{language}-en.{language}", foreign)
    yield Output(f"download/tatoeba/{language}-en.en", "".join(f"{stripped[i]}\n" for i in order).encode())
    yield Output(f"labels/tatoeba/test-{language}.tsv", "".join(f"{i}\n" for i in order).encode())


def blanked(root: Any) -> bytes:
    """A SQuAD file as XTREME leaves it: one article a question, titles and answers gone."""
    articles = [
        {
            "paragraphs": [
                {
                    "context": paragraph["context"],
                    "qas": [{"answers": [BLANK], "question": question["question"], "id": question["id"]}],
                }
            ]
        }
        for article in root["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]
    return json.dumps({"data": articles, "version": root.get("version", "1.1")}).encode()


def only(root: Any, beginning: str) -> Any:
    """The questions of a SQuAD file whose ids begin like this, with their paragraphs; order is kept."""
    articles = []
    for article in root["data"]:
        paragraphs = []
        for paragraph in article["paragraphs"]:
            kept = [question for question in paragraph["qas"] if str(question["id"]).startswith(beginning)]
            if kept:
                paragraphs.append({**paragraph, "qas": kept})
        if paragraphs:
            articles.append({**article, "paragraphs": paragraphs})
    return {**root, "data": articles}


def squad(rows: Iterable[dict[str, Any]], version: str = "1.1") -> Any:
    """Rows with id, context, question and answers (lists of texts and starts) as SQuAD JSON.

    Neighbouring rows of one context share a paragraph, neighbouring paragraphs of one title an article. In version 2.0
    a question without answers is impossible.
    """
    articles: list[dict[str, Any]] = []
    for row in rows:
        title, context = row.get("title") or "", row["context"]
        if not articles or articles[-1]["title"] != title:
            articles.append({"title": title, "paragraphs": []})
        paragraphs = articles[-1]["paragraphs"]
        if not paragraphs or paragraphs[-1]["context"] != context:
            paragraphs.append({"context": context, "qas": []})
        found = row["answers"]
        answers = [
            {"text": text, "answer_start": start}
            for text, start in zip(found["text"], found["answer_start"], strict=True)
        ]
        question = {"id": row["id"], "question": row["question"], "answers": answers}
        paragraphs[-1]["qas"].append(question | ({"is_impossible": not answers} if version.startswith("2") else {}))
    return {"version": version, "data": articles}


def dump(root: Any) -> bytes:
    """JSON of our own making: one line, letters readable."""
    return (json.dumps(root, ensure_ascii=False) + "\n").encode()


def json_lines(rows: Iterable[Any], *, ascii_only: bool = False) -> bytes:
    """One object a line."""
    return "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows).encode()
