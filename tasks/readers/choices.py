"""Multiple choice in JSON lines: XCOPA and the English COPA."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.base import ChoiceQuestion, Split
from tasks.errors import Problem
from tasks.readers.layout import FolderReader, Found, existing, search
from tasks.readers.lines import has_half_character, read_lines


@dataclass(frozen=True)
class XcopaReader(FolderReader):
    """``<train|val|test>-<lang>.jsonl``, or ``<lang>/<split>.<lang>.jsonl`` and, in English, ``COPA/<split>.jsonl``.

    XTREME sets every test label to 0; a test file whose labels are all 0 carries no gold.
    """

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """XTREME's file."""
        return existing(folder / f"{_published(split)}-{language}.jsonl")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The published file."""
        name = _published(split)
        english = (f"COPA/{name}.jsonl",) if language == "en" else ()
        return search(folder, f"{language}/{name}.{language}.jsonl", *english)

    def parse(self, found: Found) -> Split:
        """Read one file."""
        (path,) = found.files
        lines, problems = read_lines(path)
        examples = [_example(path, number, line, problems) for number, line in enumerate(lines, 1)]
        labels = [example.label for example in examples]
        known = None not in labels and (found.split != "test" or any(labels))
        if found.split != "test":
            unlabelled = [number for number, label in enumerate(labels, 1) if label is None]
            bad = {problem.line for problem in problems}
            problems += [Problem(path, number, "no label") for number in unlabelled if number not in bad]
        elif not known:
            examples = [_without_label(example) for example in examples]
        return Split(examples, labels if known else None, found.files, tuple(sorted(problems)))


def _example(path: Path, number: int, line: str, problems: list[Problem]) -> ChoiceQuestion:
    """One line; what is malformed becomes a problem and leaves its place empty."""
    try:
        item: Any = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        why = f"{error.msg} (column {error.colno})" if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        problems.append(Problem(path, number, f"broken JSON: {why}" if line else "empty line"))
        return ChoiceQuestion(str(number), "", "", ("", ""))
    if not isinstance(item, dict) or has_half_character(line, item):
        what = "a text holds half a character" if isinstance(item, dict) else "not a JSON object"
        problems.append(Problem(path, number, what))
        return ChoiceQuestion(str(number), "", "", ("", ""))
    texts = [item.get(key) for key in ("premise", "choice1", "choice2")]
    for key, text in zip(("premise", "choice1", "choice2"), texts, strict=True):
        if not isinstance(text, str) or not text.strip():
            problems.append(Problem(path, number, f"'{key}' is missing or empty"))
    if item.get("question") not in ("cause", "effect"):
        problems.append(Problem(path, number, f"'question' is {item.get('question')!r}, not 'cause' or 'effect'"))
    label = item.get("label")
    if label is not None and (type(label) is not int or label not in (0, 1)):
        problems.append(Problem(path, number, f"'label' is {label!r}, not 0 or 1"))
        label = None
    premise, first, second = (str(text) for text in texts)
    return ChoiceQuestion(str(number), premise, f"What was the {item.get('question')}?", (first, second), label)


def _without_label(example: ChoiceQuestion) -> ChoiceQuestion:
    return ChoiceQuestion(example.id, example.premise, example.question, example.choices)


def _published(split: str) -> str:
    return "val" if split == "dev" else split
