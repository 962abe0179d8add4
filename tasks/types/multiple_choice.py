"""Multiple choice: which of several texts answers a question."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeAlias

from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.text import shortened
from xharness.tasks.types.base import GoldFile, Line, Parsed, Score, TaskType
from xharness.tasks.types.files import Content, Wrong, read, render_lines, stripped_lines
from xharness.tasks.types.findings import Expected, Finding, PredictionFile, first_of, wrong_count
from xharness.tasks.types.keyed_gold import KeyedGold, entries_at
from xharness.tasks.types.labels import count_differs

Numbers: TypeAlias = list[Json]  # whatever JSON says, compared with == as the official scorer does

DUMMIES = 50
"""So many choices that are all 0 are XTREME's dummies."""


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """A premise, a question and the texts to choose from.

    Attributes:
        label: The 0-based index of the right one; None where the file does not carry it.
        facts: Where the example comes from; models do not see it.
    """

    id: str
    premise: str
    question: str
    choices: tuple[str, ...]
    label: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def first(self) -> str:
        """The first text of each pair that a model reads: premise and question, as far as there are any."""
        return " ".join(part for part in (self.premise, self.question) if part)


class MultipleChoice(TaskType[ChoiceQuestion, Numbers, Numbers]):
    """JSON lines with an integer ``label``. Gold may have a ``cluster``: a passage that several questions are about."""

    name = "multiple_choice"
    title = "multiple choice"
    hub_task = "multiple-choice"
    example = ChoiceQuestion
    extension = "jsonl"
    guess = "the most frequent label"
    in_order = True

    def parse_answers(self, path: Path) -> Parsed[Numbers]:
        """See :meth:`TaskType.parse_answers`."""
        return read(_parse, path)

    def parse_gold(self, path: Path) -> Parsed[Numbers]:
        """See :meth:`TaskType.parse_gold`."""
        return read(_parse_gold, path)

    def render(self, answers: Numbers) -> str:
        """See :meth:`TaskType.render`."""
        rows: list[dict[str, Json]] = [{"label": label} for label in answers]
        if isinstance(answers, KeyedGold) and answers.passages:
            rows = [{**row, "cluster": passage} for row, passage in zip(rows, answers.passages, strict=True)]
        return render_lines(map(json.dumps, rows))

    def first(
        self, examples: Sequence[ChoiceQuestion], gold: Numbers | None, limit: int
    ) -> tuple[Sequence[ChoiceQuestion], Numbers | None]:
        """See :meth:`TaskType.first`."""
        return examples[:limit], None if gold is None else entries_at(gold, range(len(gold))[:limit])

    def take(
        self, examples: Sequence[ChoiceQuestion], gold: Numbers, places: Sequence[int]
    ) -> tuple[list[ChoiceQuestion], Numbers]:
        """See :meth:`TaskType.take`."""
        return [examples[place] for place in places], entries_at(gold, places)

    def stratum(self, example: ChoiceQuestion) -> str:
        """The number of the right choice."""
        return str(example.label)

    def text(self, example: ChoiceQuestion) -> str:
        """All that a model reads."""
        return " ".join((example.first, *example.choices))

    def gold_problems(self, gold: GoldFile[ChoiceQuestion, Numbers]) -> Iterator[Line]:
        """Each an index of one of its question's choices; true and 1.0 are not, though they would equal 1."""
        yield from count_differs(gold, "line", "example")
        numbers = [len(example.choices) for example in gold.examples or ()]
        for place, line, label in gold.placed():
            size = numbers[place] if place < len(numbers) else gold.choices
            if type(label) is not int or label < 0 or (size and label >= size):
                possible = f"is not one of the choices 0 to {size - 1}" if size else "is not the index of a choice"
                yield line, f"label {shortened(repr(label))} {possible}"

    def is_blanked(self, gold: Numbers) -> bool:
        """See :meth:`TaskType.is_blanked`."""
        return len(gold) >= DUMMIES and all(label == 0 for label in gold)

    def expected_of_gold(self, gold: Numbers, source: str) -> Expected:
        """See :meth:`TaskType.expected_of_gold`."""
        known = [label for label in gold if isinstance(label, int)]
        return Expected(len(gold), source, candidates=max(known) + 1 if known else None)

    def findings(self, file: PredictionFile[Numbers]) -> Iterator[Finding]:
        """See :meth:`TaskType.findings`."""
        yield from wrong_count(len(file.answers), file.expected, "label")
        size = file.expected.candidates if file.expected else None
        wrong = []
        for line, label in zip(file.lines, file.answers, strict=True):
            if line in file.broken:
                continue
            if what := wrong_choice(label):
                wrong.append(Finding(line, what))
            elif size and isinstance(label, int | float) and label >= size:
                wrong.append(Finding(line, f"label {label} is out of range; the choices are 0 to {size - 1}"))
        yield from first_of(wrong, "lines")

    def view(self, examples: Sequence[ChoiceQuestion], gold: Numbers | None) -> ChoiceView:
        """See :meth:`TaskType.view`."""
        return ChoiceView(examples, gold or [])

    def chance(
        self,
        _examples: Sequence[ChoiceQuestion],
        gold: Numbers,
        _labels: Sequence[str],
        score: Score[Numbers],
        _random: Random,
    ) -> float:
        """Always the one number that scores best: for accuracy the most frequent one."""
        return max(score([number] * len(gold)) for number in Counter(gold))


def _parse(text: str) -> Content[Numbers]:
    content = _parse_gold(text)
    return content._replace(answers=[*content.answers])


def _parse_gold(text: str) -> Content[Numbers]:
    """Labels, with their clusters where every line has one."""
    labels: Numbers = []
    clusters: list[str] = []
    wrong: list[Wrong] = []
    lines = stripped_lines(text)
    for number, line in enumerate(lines, start=1):
        try:
            item = parse_json(line)
        except JsonError:
            what = f'not JSON: {shortened(line)}; write {{"label": 0}}' if line else "an empty line; delete it"
        else:
            if isinstance(item, dict) and "label" in item:
                labels.append(item["label"])
                clusters += [cluster] if isinstance(cluster := item.get("cluster"), str) else []
                continue
            what = f'no "label" in {shortened(line)}; write {{"label": 0}}'
        labels.append(None)
        wrong.append((number, what))
    known = KeyedGold(labels, passages=clusters) if labels and len(clusters) == len(labels) else labels
    return Content(known, range(1, len(lines) + 1), wrong)


def wrong_choice(label: Json) -> str:
    """Why this cannot equal the 0-based index of a choice; empty if it can. ``true`` and ``1.0`` equal 1."""
    possible = isinstance(label, int | float) and math.isfinite(label) and label == int(label) and label >= 0
    return "" if possible else f'label {shortened(repr(label))} is not an integer; write it like {{"label": 0}}'


class ChoiceView:
    """Questions with their choices; items are places."""

    def __init__(self, examples: Sequence[ChoiceQuestion], gold: Numbers) -> None:
        self.examples, self.gold = examples, gold

    def raw(self, answers: Numbers, item: str) -> Json:
        """The index of a choice, as JSON has it."""
        return answers[int(item)]

    def inputs(self, item: str) -> dict[str, str]:
        """The premise, what is asked, and the choices."""
        example = self.examples[int(item)]
        choices = {f"choice {number}": text for number, text in enumerate(example.choices)}
        return {"premise": example.premise, "question": example.question, **choices}

    def texts(self, item: str, *runs: Numbers) -> list[str]:
        """The indices."""
        return [str(self.raw(answers, item)) for answers in (self.gold, *runs)]

    def similarity_names(self, _answers: Numbers, _item: str) -> Sequence[str]:
        """Nothing is found."""
        return ()


MULTIPLE_CHOICE = MultipleChoice()
