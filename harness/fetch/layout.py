"""Examples and gold as files: the bytes that XTREME's own preprocessing leaves, and gold beside them.

How examples of pairs and tags are written, their types know. Test files of questions are blanked: one article a
question, one empty answer at 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from xharness.fetch.failures import Unavailable
from xharness.fetch.sources import Output
from xharness.tasks.base import Split, Task
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.readers.squad import TYDIQA_WORDS
from xharness.tasks.types.squad_json import SquadAnswer, SquadArticle, SquadFile, SquadParagraph, SquadQuestion

HubRow: TypeAlias = dict[str, Any]
"""A row of the Hub, whose columns each conversion knows."""

BLANK: SquadAnswer = {"answer_start": 0, "text": ""}


def examples(task: Task, language: str, split: str, found: Split) -> Iterator[Output]:
    """The files of one split: what models see, and for test the gold in a file of its own."""
    with_gold = split != "test"
    content = task.type.render_examples(found.examples, with_gold=with_gold)
    yield Output(f"download/{task.name}/{split}-{language}.tsv", content)
    if not with_gold and found.gold:
        yield Output(f"labels/{task.name}/{task.file_name(language)}", task.type.render(found.gold).encode())


def tatoeba(language: str, foreign: bytes, english: Sequence[str]) -> Iterator[Output]:
    """The foreign side as it is, the English side stripped and sorted by code point, and where each line was."""
    stripped = [sentence.strip() for sentence in english]
    order = sorted(range(len(stripped)), key=stripped.__getitem__)
    yield Output(f"download/tatoeba/{language}-en.{language}", foreign)
    yield Output(f"download/tatoeba/{language}-en.en", "".join(f"{stripped[i]}\n" for i in order).encode())
    yield Output(f"labels/tatoeba/test-{language}.tsv", "".join(f"{i}\n" for i in order).encode())


def tydiqa_files(language: str, published: str, root: SquadFile) -> Iterator[Output]:
    """XTREME's files of one language and published split."""
    if not root["data"]:
        raise Unavailable(f"no question whose id begins with '{TYDIQA_WORDS[language]}-'")
    path = f"download/tydiqa/tydiqa-goldp-v1.1-{published}/tydiqa.goldp.{language}.{published}.json"
    yield Output(path, blanked(root) if published == "dev" else dump(root))
    if published == "dev":
        yield Output(f"labels/tydiqa/test-{language}.json", dump(root))


def xcopa_files(language: str, split: str, rows: Sequence[JsonObject]) -> Iterator[Output]:
    """XTREME's file of a split, and gold where test rows carry labels."""
    path = f"download/xcopa/{'val' if split == 'dev' else split}-{language}.jsonl"
    if split != "test":
        yield Output(path, json_lines(rows))
        return
    yield Output(path, json_lines(({**row, "label": 0} for row in rows), ascii_only=True))
    if all(row.get("label") in (0, 1) for row in rows):
        yield Output(f"labels/xcopa/test-{language}.jsonl", json_lines(rows))


def blanked(root: SquadFile) -> bytes:
    """A SQuAD file as XTREME leaves it: one article a question, titles and answers gone."""
    articles: list[SquadArticle] = [
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


def only(root: SquadFile, beginning: str) -> SquadFile:
    """The questions of a SQuAD file whose ids begin like this, with their paragraphs; order is kept."""
    articles: list[SquadArticle] = []
    for article in root["data"]:
        paragraphs: list[SquadParagraph] = []
        for paragraph in article["paragraphs"]:
            kept = [question for question in paragraph["qas"] if str(question["id"]).startswith(beginning)]
            if kept:
                paragraphs.append({**paragraph, "qas": kept})
        if paragraphs:
            articles.append({**article, "paragraphs": paragraphs})
    return {**root, "data": articles}


def squad(rows: Iterable[HubRow], version: str = "1.1") -> SquadFile:
    """Rows with id, context, question and answers (lists of texts and starts) as SQuAD JSON.

    Neighbouring rows of one context share a paragraph, neighbouring paragraphs of one title an article. In version 2.0
    a question without answers is impossible.
    """
    articles: list[SquadArticle] = []
    for row in rows:
        title, context = row.get("title") or "", row["context"]
        if not articles or articles[-1]["title"] != title:
            articles.append({"title": title, "paragraphs": []})
        paragraphs = articles[-1]["paragraphs"]
        if not paragraphs or paragraphs[-1]["context"] != context:
            paragraphs.append({"context": context, "qas": []})
        found = row["answers"]
        answers: list[SquadAnswer] = [
            {"text": text, "answer_start": start}
            for text, start in zip(found["text"], found["answer_start"], strict=True)
        ]
        question: SquadQuestion = {"id": row["id"], "question": row["question"], "answers": answers}
        if version.startswith("2"):
            question["is_impossible"] = not answers
        paragraphs[-1]["qas"].append(question)
    return {"version": version, "data": articles}


def dump(root: object) -> bytes:
    """JSON of our own making: one line, letters readable."""
    return (json.dumps(root, ensure_ascii=False) + "\n").encode()


def json_lines(rows: Iterable[object], *, ascii_only: bool = False) -> bytes:
    """One object a line."""
    return "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows).encode()
