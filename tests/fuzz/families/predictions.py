"""Gold and predictions: what is scored is valid by another, smaller reading of the file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.fuzz.target import Accepted, Target
from xharness.submissions.files import tasks_of
from xharness.tasks.base import Task
from xharness.tasks.registry import XTREME

TASKS = {task.name: task for task in tasks_of(XTREME)}
ITEMS = 4  # of every cell of the submission
LINES = re.compile("\r\n|\r|\n")


def targets() -> list[Target]:
    """``score`` and the two commands on submissions, task by task."""
    found = []
    for name in TASKS:
        gold, answers = f"full/labels/{name}/test-[de][en].*", f"full/predictions/{name}/test-[de][en].*"
        score = ("score", "full/predictions", "full/labels", "--tasks", name, "--json")
        found += [
            Target(f"score gold {name}", gold, score, right_gold, share=0.6),
            Target(f"score answers {name}", answers, score, right_answers, share=0.6),
            Target(f"score lenient {name}", answers, (*score, "--lenient"), share=0.3),
        ]
    check = ("submission", "check", "full/predictions", "--labels", "full/labels")
    pack = ("submission", "pack", "full/predictions", "--labels", "full/labels", "--out", "out/model.zip")
    files = "full/{}/*/test-[de][en].*"
    return [
        *found,
        Target("check gold", files.format("labels"), check, right_gold, lists=True, share=1),
        Target("check answers", files.format("predictions"), check, right_answers, lists=True, share=1),
        Target("pack", files.format("predictions"), pack, right_answers, lists=True, share=1),
        Target(
            "pack metadata", "files/metadata.toml", (*pack, "--metadata", "files/metadata.toml"), lists=True, share=1
        ),
    ]


def right_gold(accepted: Accepted) -> str:
    """Accepted gold is gold."""
    return wrong_gold(accepted.file.parent.name, accepted.file, ITEMS)


def right_answers(accepted: Accepted) -> str:
    """Accepted predictions are complete and in their format."""
    path = accepted.file
    task = TASKS[path.parent.name]
    text = _text(path)
    if text is None:
        return "accepts predictions that are not text"
    if task.type.name == "extractive_qa":
        given = json.loads(text)
        ids = {f"{task.name}-{number}" for number in range(ITEMS)}
        fits = isinstance(given, dict) and given.keys() == ids and all(isinstance(each, str) for each in given.values())
        return "" if fits else "accepts answers to other questions"
    if task.type.name == "bitext_mining":
        pairs = [tuple(line.split("\t")) for line in _lines(text) if line]
        whole = all(len(pair) == 2 and all(pair) for pair in pairs) and len(set(pairs)) == len(pairs)
        return "" if whole else "accepts pairs that are not pairs, or twice"
    return _wrong_lines(task, _lines(text), gold=False)


def wrong_gold(name: str, path: Path, items: int | None = None) -> str:
    """What is wrong with a gold file; empty if nothing."""
    text = _text(path)
    if text is None:
        return "accepts gold that is not a text"
    task = TASKS[name]
    if task.type.name == "extractive_qa":
        return _wrong_questions(json.loads(text), items)
    if task.type.name == "bitext_mining":
        pairs = [tuple(line.split("\t")) for line in _lines(text)]
        whole = all(len(pair) == 2 and all(part.strip() for part in pair) for pair in pairs)
        return "" if whole and len(set(pairs)) == len(pairs) else "accepts gold pairs that are not pairs, or twice"
    return _wrong_lines(task, _lines(text), gold=True)


def _wrong_lines(task: Task, lines: list[str], *, gold: bool) -> str:
    if task.type.name == "bitext_retrieval":
        count = len(lines)
        fits = all(re.fullmatch("[0-9]+", line) and (not gold or int(line) < count) for line in lines)
        return (
            "" if fits and (not gold or len(set(lines)) == count or count > ITEMS) else "accepts indices that are none"
        )
    known = {*task.labels, *([""] if task.type.name == "tagging" else [])}
    if odd := [line for line in lines if line not in known]:
        return f"accepts the label {odd[0][:40]!r}"
    return ""


def _wrong_questions(root: Any, items: int | None) -> str:
    questions = [qa for article in root["data"] for paragraph in article["paragraphs"] for qa in paragraph["qas"]]
    ids = [str(qa["id"]) for qa in questions]
    if len(set(ids)) != len(ids) or (items and len(ids) != items):
        return "accepts gold with questions twice or missing"
    texts = [answer["text"] for qa in questions for answer in qa["answers"]]
    empty = not all(qa["answers"] for qa in questions)
    return "accepts a question without an answer" if empty or not all(isinstance(each, str) for each in texts) else ""


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def _lines(text: str) -> list[str]:
    lines = [line.strip() for line in LINES.split(text)]
    return lines[:-1] if lines and not lines[-1] else lines
