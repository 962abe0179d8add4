"""Made-up files of the ranking tasks, in the layouts that are published."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WORDS = "ka lo mi ne pu ra si to ve zu".split()


def sentence(chance: random.Random, words: int = 6) -> str:
    return " ".join(chance.choice(WORDS) + chance.choice(WORDS) for _ in range(words)) + "."


def paragraph(sentences: Sequence[str], asked: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """A paragraph of sentences with a line break between them; ``asked``: id -> question and number of the sentence."""
    starts, text = [], ""
    for each in sentences:
        starts.append(len(text))
        text += each + "\n"
    breaks = [[start, start + len(each)] for start, each in zip(starts, sentences, strict=True)]
    qas = [
        {"id": name, "question": question, "answers": [{"text": sentences[at][:4], "answer_start": starts[at]}]}
        for name, (question, at) in asked.items()
    ]
    return {"context": text, "qas": qas, "sentence_breaks": breaks, "sentences": list(sentences)}


def write_xquad_r(folder: Path, languages: Sequence[str], *, paragraphs: int = 3, questions: int = 2) -> None:
    """``xquad-r/<lang>.json``: paragraphs of three sentences, with the same question ids in every language."""
    for language in languages:
        chance = random.Random(language)
        made = [
            paragraph(
                [sentence(chance) for _ in range(3)],
                {f"q{number}.{k}": (sentence(chance, 3), k % 3) for k in range(questions)},
            )
            for number in range(paragraphs)
        ]
        write_json(folder / "xquad-r" / f"{language}.json", {"data": [{"paragraphs": made}]})


def write_json(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def write_rows(path: Path, rows: Sequence[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def entity(name: str, sentences: Sequence[str], language: str = "de") -> dict[str, Any]:
    """A line of the candidate set."""
    text, spans = " ".join(sentences), []
    start = 0
    for each in sentences:
        spans.append({"start": start, "end": start + len(each)})
        start += len(each) + 1
    return {
        "entity_id": name, "title": f"Title of {name}", "description": text, "description_url": "u",
        "description_language": language, "sentence_spans": spans,
    }  # fmt: skip


def article(language: str, sentences: Sequence[str], mentions: Mapping[str, tuple[int, str, str]]) -> dict[str, Any]:
    """A line of mentions; ``mentions``: id -> number of the sentence, words in it, and entity."""
    made = entity("", sentences)
    context = {"document_id": "1", "document_url": "u", "document_title": "t", "language": language,
               "text": made["description"], "sentence_spans": made["sentence_spans"]}  # fmt: skip
    given = []
    for name, (at, words, right) in mentions.items():
        start = made["sentence_spans"][at]["start"] + sentences[at].index(words)
        span = {"start": start, "end": start + len(words), "text": words}
        given.append({"example_id": name, "mention_span": span, "entity_id": right, "metadata": {}})
    return {"context": context, "mentions": given}


def write_mewslix(folder: Path, languages: Sequence[str], *, mentions: int = 3, candidates: int = 50) -> None:
    """The released files: all languages in one, with their entities, and the candidate set."""
    chance = random.Random(0)
    made = [entity(f"Q{number}", [sentence(chance), sentence(chance)]) for number in range(candidates)]
    write_rows(folder / "candidate_set_entities.jsonl", made)
    rows = []
    for language in languages:
        for number in range(mentions):
            text = [sentence(chance), sentence(chance)]
            right = f"Q{chance.randrange(candidates)}"
            rows.append(article(language, text, {f"{language}-{number}": (1, text[1].split()[0], right)}))
    write_rows(folder / "wikinews_mentions-test.jsonl", rows)


def pair(name: str, sentences: Sequence[str], at: int, words: str, right: dict[str, Any]) -> dict[str, Any]:
    """A line of training pairs: ``words`` of a sentence mean an entity, a line of the candidate set."""
    made = article("en", sentences, {name: (at, words, right["entity_id"])})
    return {"contextual_mention": {"context": made["context"], "mention": made["mentions"][0]}, "entity": right}


def write_pairs(folder: Path, *, pairs: int = 12) -> None:
    """The released training pairs."""
    chance = random.Random(0)
    for split, count in (("train", pairs), ("dev", 2)):
        rows = []
        for number in range(count):
            text = [sentence(chance), sentence(chance)]
            right = entity(f"Q{split}{number}", [sentence(chance), sentence(chance)], "en")
            rows.append(pair(f"{split}-{number}", text, 1, text[1].split()[0], right))
        write_rows(folder / f"wikipedia_pairs-{split}.jsonl", rows)
