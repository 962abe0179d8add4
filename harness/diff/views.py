"""How items of each format are shown: the input, and gold and answers as texts that can be laid side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from tasks.base import Answers, Bitext, ChoiceQuestion, Corpora, Format, SentencePair, SpanQuestion, TaggedSentence
from tasks.data import CellData
from tasks.metrics.tag_spans import Span, spans

AROUND = 90  # characters of context kept on each side of a gold answer
_PREFIX = re.compile(r"[BIES]-")


class View(Protocol):
    """Items of one cell, for people. ``item`` is an id as in :class:`tasks.base.Items`."""

    def raw(self, answers: Answers, item: str) -> Any:
        """The answer to an item, for comparison."""

    def inputs(self, item: str) -> dict[str, str]:
        """What the model was given, by name."""

    def texts(self, item: str, *runs: Answers) -> list[str]:
        """Gold first, then the answer of each run; empty where there is none."""


def view_of(data: CellData) -> View:
    """The view that fits a cell's format."""
    makers: Mapping[Format, type[View]] = {
        Format.TAGS: TagView,
        Format.ANSWERS: QuestionView,
        Format.INDICES: BitextView,
        Format.PAIRS: CorporaView,
    }
    maker: Any = makers.get(data.task.format, LineView)
    view: View = maker(data)
    return view


class LineView:
    """One label an item: pairs of texts and multiple choice."""

    def __init__(self, data: CellData) -> None:
        self.examples, self.gold = data.examples, data.gold

    def raw(self, answers: Answers, item: str) -> Any:
        """A label, or the index of a choice."""
        return answers[int(item)]

    def inputs(self, item: str) -> dict[str, str]:
        """Both texts; or the premise, what is asked, and the choices."""
        example = self.examples[int(item)]
        if isinstance(example, SentencePair):
            return {"first": example.first, "second": example.second}
        assert isinstance(example, ChoiceQuestion)
        choices = {f"choice {number}": text for number, text in enumerate(example.choices)}
        return {"premise": example.premise, "question": example.question, **choices}

    def texts(self, item: str, *runs: Answers) -> list[str]:
        """The labels."""
        return [str(self.raw(answers, item)) for answers in (self.gold, *runs)]


class TagView:
    """Tagged sentences: names as ``PER: Ada Lovelace``, other tags as ``word/TAG`` of the words that differ."""

    def __init__(self, data: CellData) -> None:
        self.words = [example.words for example in data.examples if isinstance(example, TaggedSentence)]
        self.gold: list[list[str]] = data.gold or []
        self.prefixed = is_prefixed(self.gold)

    def raw(self, answers: Answers, item: str) -> list[str]:
        """The tags of a sentence."""
        tags: list[str] = answers[int(item)]
        return tags

    def inputs(self, item: str) -> dict[str, str]:
        """The words."""
        return {"words": " ".join(self.words[int(item)])}

    def texts(self, item: str, *runs: Answers) -> list[str]:
        """Names; or every word on which gold and runs are not all agreed (all words if they are)."""
        words, sides = self.words[int(item)], [self.raw(answers, item) for answers in (self.gold, *runs)]
        if self.prefixed:
            return ["; ".join(_name(span, words) for span in spans([tags])[0]) for tags in sides]
        differ = [index for index, tags in enumerate(zip(*sides, strict=True)) if len(set(tags)) > 1]
        return [" ".join(f"{words[index]}/{tags[index]}" for index in differ or range(len(words))) for tags in sides]


class QuestionView:
    """Questions with the part of the context where the gold answer stands."""

    def __init__(self, data: CellData) -> None:
        self.examples = {example.id: example for example in data.examples if isinstance(example, SpanQuestion)}
        self.gold = {question.id: question.answers for question in data.gold or ()}

    def raw(self, answers: Answers, item: str) -> str | None:
        """A text; None if the question was not answered."""
        text: str | None = answers.get(item)
        return text

    def inputs(self, item: str) -> dict[str, str]:
        """Question and excerpt."""
        example = self.examples.get(item)
        if example is None:
            return {}
        return {"question": example.question, "context": excerpt(example.context, self.gold.get(item, ()))}

    def texts(self, item: str, *runs: Answers) -> list[str]:
        """Gold answers, each once, and the answers given."""
        return [" | ".join(dict.fromkeys(self.gold.get(item, ()))), *(answers.get(item, "") for answers in runs)]


class BitextView:
    """Queries, and the candidates found for them."""

    def __init__(self, data: CellData) -> None:
        first = data.examples[0]
        assert isinstance(first, Bitext)
        self.bitext, self.gold = first, data.gold

    def raw(self, answers: Answers, item: str) -> str:
        """Row of a candidate."""
        return str(answers[int(item)])

    def inputs(self, item: str) -> dict[str, str]:
        """The query."""
        return {"query": self.bitext.queries[int(item)]}

    def texts(self, item: str, *runs: Answers) -> list[str]:
        """Sentences; a row that does not exist as it was written."""
        return [self._sentence(self.raw(answers, item)) for answers in (self.gold, *runs)]

    def _sentence(self, row: str) -> str:
        rows = self.bitext.candidates
        return rows[int(row)] if row.isascii() and row.isdigit() and int(row) < len(rows) else f"row {row}"


class CorporaView:
    """Source sentences, and the target sentences they were paired with."""

    def __init__(self, data: CellData) -> None:
        first = data.examples[0]
        assert isinstance(first, Corpora)
        self.source, self.target = dict(first.source), dict(first.target)
        self.gold = data.gold or []
        self._by_source: dict[int, tuple[Answers, dict[str, list[str]]]] = {}

    def raw(self, answers: Answers, item: str) -> list[str]:
        """Ids of the targets of a source sentence."""
        return self._targets(answers).get(item, [])

    def inputs(self, item: str) -> dict[str, str]:
        """The source sentence."""
        return {"source": self.source.get(item, item)}

    def texts(self, item: str, *runs: Answers) -> list[str]:
        """Target sentences."""
        sides = (self.raw(answers, item) for answers in (self.gold, *runs))
        return [" | ".join(self.target.get(name, name) for name in names) for names in sides]

    def _targets(self, answers: Iterable[Sequence[str]]) -> dict[str, list[str]]:
        """Targets by source, worked out once for each list of pairs, which is kept with them."""
        kept = self._by_source.get(id(answers))
        if kept is None:
            found: dict[str, set[str]] = {}
            for pair in answers:
                found.setdefault(pair[0], set()).add("\t".join(pair[1:]))
            kept = answers, {source: sorted(targets) for source, targets in found.items()}
            self._by_source[id(answers)] = kept
        return kept[1]


def is_prefixed(sentences: Iterable[Sequence[str]]) -> bool:
    """Whether tags mark beginnings and insides of names (``B-PER``), rather than being bare (``NOUN``)."""
    return any(_PREFIX.match(tag) for tags in sentences for tag in tags)


def excerpt(context: str, answers: Sequence[str]) -> str:
    """The context around the first gold answer, in whole words, with dots where it was cut."""
    places = ((context.find(answer), len(answer)) for answer in answers if answer)
    at, length = next((place for place in places if place[0] >= 0), (0, 0))
    start, end = max(0, at - AROUND), min(len(context), at + length + AROUND)
    start = (context.find(" ", start, at) + 1 or start) if start else 0
    end = end if end == len(context) else max(context.rfind(" ", at + length, end), end - 20)
    return ("… " if start else "") + " ".join(context[start:end].split()) + (" …" if end < len(context) else "")


def _name(span: Span, words: Sequence[str]) -> str:
    return f"{span.type}: {' '.join(words[span.begin : span.end])}"
