"""Multiple choice in JSON lines: XCOPA and the English COPA."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.readers.layout import FolderReader, Found, existing, search
from xharness.tasks.readers.lines import read_lines
from xharness.tasks.types.multiple_choice import ChoiceQuestion


@dataclass(frozen=True)
class XcopaReader(FolderReader):
    """``<train|val|test>-<lang>.jsonl``, or ``<lang>/<split>.<lang>.jsonl`` and, in English, ``COPA/<split>.jsonl``.

    XTREME sets every test label to 0; a test file whose labels are all 0 carries no gold.
    """

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """See :meth:`FolderReader.preprocessed`."""
        return existing(folder / f"{_published(split)}-{language}.jsonl")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """As the authors publish it; of English, COPA's own file as well."""
        name = _published(split)
        english = (f"COPA/{name}.jsonl",) if language == "en" else ()
        return search(folder, f"{language}/{name}.{language}.jsonl", *english)

    def parse(self, found: Found) -> Split:
        """See :meth:`FolderReader.parse`."""
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
        rows = (Rows(path, "row", len(examples)),)
        return Split(examples, labels if known else None, found.files, tuple(sorted(problems)), rows=rows)


def _example(path: Path, number: int, line: str, problems: list[Problem]) -> ChoiceQuestion:
    """One line; what is malformed becomes a problem and leaves its place empty."""
    try:
        item = parse_json(line)
        wrong = "" if isinstance(item, dict) else "not a JSON object"
    except JsonError as error:
        wrong = error.what if line.strip() else "empty line"
    if wrong:
        problems.append(Problem(path, number, wrong))
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
