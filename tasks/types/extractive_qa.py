"""Extractive QA: a stretch of a context that answers a question."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeAlias, TypeGuard

from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.types.base import GoldFile, Line, Parsed, Score, TaskType
from xharness.tasks.types.files import Content, broken, located, parse_object, read, render_object
from xharness.tasks.types.findings import Expected, Finding, PredictionFile
from xharness.tasks.types.ids import id_findings
from xharness.tasks.types.squad_json import answer_texts, paragraphs, questions

Texts: TypeAlias = dict[str, str]
AROUND = 90  # characters of context kept on each side of a gold answer
GUESSES = 20  # random answers to every question
_ID = re.compile(r'"id"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class SpanQuestion:
    """A question about a context.

    Attributes:
        answers: (text, 0-based character offset); empty where blanked.
        facts: Where the example comes from; models do not see it.
    """

    id: str
    question: str
    context: str
    answers: tuple[tuple[str, int], ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class QuestionGold:
    """The gold answers of one question; ``cluster`` names its paragraph (questions of one are not independent)."""

    id: str
    answers: tuple[str, ...]
    cluster: str


class ExtractiveQa(TaskType[SpanQuestion, list[QuestionGold], Texts]):
    """A JSON object from question id to text; gold is SQuAD JSON."""

    name = "extractive_qa"
    title = "extractive QA"
    hub_task = "question-answering"
    own_options = ("span",)
    example = SpanQuestion
    extension = "json"
    guess = "a random stretch"

    def parse_answers(self, path: Path) -> Parsed[Texts]:
        """See :meth:`TaskType.parse_answers`."""
        return read(_parse_answers, path)

    def parse_gold(self, path: Path) -> Parsed[list[QuestionGold]]:
        """See :meth:`TaskType.parse_gold`."""
        return read(_parse_gold, path)

    def render(self, answers: Texts) -> str:
        """See :meth:`TaskType.render`."""
        return render_object(answers)

    def first(
        self, examples: Sequence[SpanQuestion], gold: list[QuestionGold] | None, limit: int
    ) -> tuple[Sequence[SpanQuestion], list[QuestionGold] | None]:
        """See :meth:`TaskType.first`."""
        shortened = examples[:limit]
        return shortened, None if gold is None else _gold_of(shortened, gold)

    def take(
        self, examples: Sequence[SpanQuestion], gold: list[QuestionGold], places: Sequence[int]
    ) -> tuple[list[SpanQuestion], list[QuestionGold]]:
        """See :meth:`TaskType.take`."""
        taken = [examples[place] for place in places]
        return taken, _gold_of(taken, gold)

    def stratum(self, example: SpanQuestion) -> str:
        """Whether there is an answer, where that is not always so."""
        return example.facts.get("answerable", "")

    def text(self, example: SpanQuestion) -> str:
        """The paragraph: one that a test asks about is known, whatever is asked."""
        return example.context

    def gold_problems(self, gold: GoldFile[SpanQuestion, list[QuestionGold]]) -> Iterator[Line]:
        """Only questions that are there, each once, each with an answer."""
        known = None if gold.examples is None else {example.id for example in gold.examples}
        seen: set[str] = set()
        for line, question in gold.entries():
            if question.id in seen:
                yield line, f"question '{question.id}' is there twice"
            elif known is not None and question.id not in known:
                yield line, f"question '{question.id}' of {gold.task} is not among the examples"
            elif not any(answer.strip() for answer in question.answers):
                yield line, f"question '{question.id}' has no answer; was the file blanked?"
            elif not all(answer.strip() for answer in question.answers):
                yield line, f"question '{question.id}' has an empty answer beside others"
            seen.add(question.id)

    def is_blanked(self, gold: list[QuestionGold]) -> bool:
        """See :meth:`TaskType.is_blanked`."""
        return not any(answer for question in gold for answer in question.answers)

    def gold_notes(self, examples: Sequence[SpanQuestion], gold: list[QuestionGold]) -> list[str]:
        """A note where gold covers only a part of the questions: the official scorer looks at no other."""
        asked = [example.id for example in examples]
        lacking = len(set(asked) - {question.id for question in gold})
        return [f"{lacking} of {len(asked)} questions have no gold and do not count"] if lacking else []

    def expected_of_gold(self, gold: list[QuestionGold], source: str) -> Expected:
        """See :meth:`TaskType.expected_of_gold`."""
        return Expected(len(gold), source, ids=tuple(question.id for question in gold))

    def expected_of_examples(self, examples: Sequence[SpanQuestion], source: str) -> Expected:
        """See :meth:`TaskType.expected_of_examples`."""
        return Expected(len(examples), source, ids=tuple(example.id for example in examples))

    def findings(self, file: PredictionFile[Texts]) -> Iterator[Finding]:
        """See :meth:`TaskType.findings`."""
        yield from id_findings(file)

    def view(self, examples: Sequence[SpanQuestion], gold: list[QuestionGold] | None) -> QuestionView:
        """See :meth:`TaskType.view`."""
        return QuestionView(examples, gold or [])

    def chance(
        self,
        examples: Sequence[SpanQuestion],
        _gold: list[QuestionGold],
        _labels: Sequence[str],
        score: Score[Texts],
        random: Random,
    ) -> float:
        """A random stretch of the text, the mean of several."""
        stretches = ({each.id: _stretch(random, each.context) for each in examples} for _ in range(GUESSES))
        return sum(map(score, stretches)) / GUESSES


def _gold_of(examples: Sequence[SpanQuestion], gold: Sequence[QuestionGold]) -> list[QuestionGold]:
    """Gold of these questions, in its own order."""
    kept = {example.id for example in examples}
    return [question for question in gold if question.id in kept]


def _parse_answers(text: str) -> Content[Texts]:
    return parse_object(text, _is_text, 'a text: write "id": "answer"')


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def _parse_gold(text: str) -> Content[list[QuestionGold]]:
    """SQuAD JSON to one entry a question. Questions on the same context share a cluster, named after the first."""
    try:
        root = parse_json(text)
    except JsonError as error:
        return Content([], (), [broken(error)])
    found: list[QuestionGold] = []
    clusters: dict[str, str] = {}
    wrong: list[str] = []
    for place, paragraph in paragraphs(root, wrong.append):
        for question_place, name, question in questions(paragraph, place, wrong.append):
            context, texts = paragraph.get("context"), answer_texts(question)
            if texts is None or not isinstance(context, str | None):
                what = "'answers' that are not a list of texts" if texts is None else "a 'context' that is not a text"
                wrong.append(f"{question_place} ('{name}') has {what}")
                continue
            cluster = clusters.setdefault(context, name) if context else name
            found.append(QuestionGold(name, texts, cluster))
    return Content(found, _id_lines(text, found), [(0, f"not SQuAD JSON: {what}") for what in wrong])


def _id_lines(text: str, found: Sequence[QuestionGold]) -> list[int]:
    """The line of each question's id, of the n-th the n-th; 0 where it is not written as ``"id": "..."``."""
    lines: dict[str, deque[int]] = {}
    for name, line in located(text, _ID.finditer(text)):
        lines.setdefault(name, deque()).append(line)
    return [lines[question.id].popleft() if lines.get(question.id) else 0 for question in found]


def _stretch(random: Random, context: str) -> str:
    """One to three words of a text, or two to eight characters where there are no spaces."""
    words = context.split()
    parts, gap, length = (words, " ", random.randint(1, 3)) if len(words) > 12 else (context, "", random.randint(2, 8))
    start = random.randrange(len(parts))
    return gap.join(parts[start : start + length])


class QuestionView:
    """Questions with the part of the context where the gold answer stands."""

    def __init__(self, examples: Sequence[SpanQuestion], gold: Sequence[QuestionGold]) -> None:
        self.examples = {example.id: example for example in examples}
        self.gold = {question.id: question.answers for question in gold}

    def raw(self, answers: Texts, item: str) -> str | None:
        """A text; None if the question was not answered."""
        return answers.get(item)

    def inputs(self, item: str) -> dict[str, str]:
        """Question and excerpt."""
        example = self.examples.get(item)
        if example is None:
            return {}
        return {"question": example.question, "context": excerpt(example.context, self.gold.get(item, ()))}

    def texts(self, item: str, *runs: Texts) -> list[str]:
        """Gold answers, each once, and the answers given."""
        return [" | ".join(dict.fromkeys(self.gold.get(item, ()))), *(answers.get(item, "") for answers in runs)]

    def similarity_names(self, _answers: Texts, _item: str) -> Sequence[str]:
        """Nothing is found."""
        return ()


def excerpt(context: str, answers: Sequence[str]) -> str:
    """The context around the first gold answer, in whole words, with dots where it was cut."""
    places = ((context.find(answer), len(answer)) for answer in answers if answer)
    at, length = next((place for place in places if place[0] >= 0), (0, 0))
    start, end = max(0, at - AROUND), min(len(context), at + length + AROUND)
    start = (context.find(" ", start, at) + 1 or start) if start else 0
    end = end if end == len(context) else max(context.rfind(" ", at + length, end), end - 20)
    return ("… " if start else "") + " ".join(context[start:end].split()) + (" …" if end < len(context) else "")


EXTRACTIVE_QA = ExtractiveQa()
