"""Does the gold of a labels file fit the examples it is meant for?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tasks.base import Bitext, Corpora, Example, Format, SpanQuestion, TaggedSentence, Task
from tasks.errors import Problem
from tasks.formats import Parsed
from tasks.readers.lines import count

COUNTED = (Format.LABELS, Format.INDICES, Format.CHOICES)
"""One gold entry an example, in the same order."""


def disagreements(task: Task, examples: Sequence[Example], gold: Parsed, path: Path) -> list[Problem]:
    """Everything in which parsed gold and examples differ, at lines of the labels file ``path``."""
    check = _CHECKS.get(task.format)
    return list(check(task, examples, gold, path)) if check else []


def _one_by_one(task: Task, examples: Sequence[Example], gold: Parsed, path: Path) -> Iterator[Problem]:
    """Labels, line numbers and choices: as many as examples, each a possible one."""
    first = examples[0] if examples else None
    expected = len(first.queries) if isinstance(first, Bitext) else len(examples)
    yield from _count(len(gold.answers), expected, gold.lines, path, "line", "example")
    for line, answer in zip(gold.lines, gold.answers, strict=True):
        what = _impossible(task, first, answer)
        if what:
            yield Problem(path, line, what)


def _impossible(task: Task, first: Example | None, answer: Any) -> str:
    """Why an entry cannot be gold, or nothing."""
    if task.format is Format.CHOICES:
        # None stands for a line that is a problem already.
        return "" if answer is None or (type(answer) is int and answer in (0, 1)) else f"label {answer!r} is not 0 or 1"
    if task.format is Format.INDICES and isinstance(first, Bitext):
        valid = answer.isdecimal() and answer.isascii() and int(answer) < len(first.candidates)
        return "" if valid else f"'{answer}' is no line number from 0 to {len(first.candidates) - 1}"
    return f"label '{answer}' is none of {', '.join(task.labels)}" if task.labels and answer not in task.labels else ""


def _tags(task: Task, examples: Sequence[Example], gold: Parsed, path: Path) -> Iterator[Problem]:
    """As many sentences, as many tags in each as it has words, and no unknown tag.

    Where a sentence is too many or too few, only the first that does not fit is named: those after it are shifted.
    """
    yield from _count(len(gold.answers), len(examples), gold.lines, path, "sentence", "sentence")
    for start, tags, example in zip(gold.lines, gold.answers, examples, strict=False):
        if isinstance(example, TaggedSentence) and len(tags) != len(example.words):
            yield Problem(
                path,
                start,
                f"sentence {example.id} has {count(len(tags), 'tag')} for {count(len(example.words), 'word')}",
            )
            if len(gold.answers) != len(examples):
                break
    for start, tags in zip(gold.lines, gold.answers, strict=True):
        for offset, tag in enumerate(tags):
            if task.labels and tag not in task.labels:
                yield Problem(path, start + offset, f"tag '{tag}' is none of {', '.join(task.labels)}")


def _answers(task: Task, examples: Sequence[Example], gold: Parsed, path: Path) -> Iterator[Problem]:
    """Only questions that are there, each once, each with an answer."""
    known = {example.id for example in examples if isinstance(example, SpanQuestion)}
    seen: set[str] = set()
    lines = gold.lines or (0,) * len(gold.answers)
    for line, question in zip(lines, gold.answers, strict=True):
        if question.id in seen:
            yield Problem(path, line, f"question '{question.id}' is there twice")
        elif question.id not in known:
            yield Problem(path, line, f"question '{question.id}' of {task.name} is not among the examples")
        elif not any(question.answers):
            yield Problem(path, line, f"question '{question.id}' has no answer; was the file blanked?")
        seen.add(question.id)


def _pairs(task: Task, examples: Sequence[Example], gold: Parsed, path: Path) -> Iterator[Problem]:
    """Two columns, and ids that the corpora hold."""
    corpora = examples[0] if examples else None
    sides = (corpora.source, corpora.target) if isinstance(corpora, Corpora) else ((), ())
    known = [{name for name, _ in side} for side in sides]
    for line, pair in zip(gold.lines, gold.answers, strict=True):
        if len(pair) != 2:
            yield Problem(path, line, f"{count(len(pair), 'column')} instead of 2")
            continue
        for name, ids, side in zip(pair, known, ("source", "English"), strict=True):
            if name not in ids:
                yield Problem(path, line, f"id '{name}' is not in the {side} corpus of {task.name}")


def _count(found: int, expected: int, lines: Sequence[int], path: Path, what: str, of: str) -> Iterator[Problem]:
    """A difference in number, at the first line too many or at the last line there is."""
    if found != expected:
        line = lines[expected] if found > expected else max(lines, default=0)
        yield Problem(path, line, f"{count(found, what)} of gold for {count(expected, of)}")


_CHECKS: Mapping[Format, Callable[[Task, Sequence[Example], Parsed, Path], Iterator[Problem]]] = {
    **dict.fromkeys(COUNTED, _one_by_one),
    Format.TAGS: _tags,
    Format.ANSWERS: _answers,
    Format.PAIRS: _pairs,
}
