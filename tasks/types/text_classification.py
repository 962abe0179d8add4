"""Text classification: a label for one text or two."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from xharness.tasks.substitution import WordSubstitution
from xharness.tasks.types.base import GoldFile, Line, Parsed, Score, TaskType
from xharness.tasks.types.files import Content, parse_lines, read, render_lines
from xharness.tasks.types.findings import Expected, Finding, PredictionFile, blank_lines, unknown_labels
from xharness.tasks.types.keyed_gold import KeyedGold, entries_at, item_ids
from xharness.tasks.types.labels import count_differs, unknown_gold_label


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A text to be classified, or two together.

    Attributes:
        second: None in tasks of one text.
        label: None where the file does not carry it.
        facts: Where the example comes from ({"source": "snli"}, {"round": "R2"}); models do not see it.
    """

    id: str
    first: str
    second: str | None
    label: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    def with_words(self, words: WordSubstitution) -> SentencePair:
        """The example with words of its texts drawn anew."""
        second = None if self.second is None else words.text(self.second)
        return replace(self, first=words.text(self.first), second=second)


class TextClassification(TaskType[SentencePair, list[str], list[str]]):
    """One label a line, as many lines as examples. Gold may have ids in a second column."""

    name = "text_classification"
    title = "text classification"
    hub_task = "text-classification"
    example = SentencePair
    guess = "the most frequent label"
    in_order = True
    own_options = ("synonyms", "votes")
    texts = ("first", "second")

    def parse_answers(self, path: Path) -> Parsed[list[str]]:
        """See :meth:`TaskType.parse_answers`."""
        return read(parse_lines, path)

    def parse_gold(self, path: Path) -> Parsed[list[str]]:
        """See :meth:`TaskType.parse_gold`."""
        return read(_parse_gold, path)

    def render(self, answers: list[str]) -> str:
        """See :meth:`TaskType.render`."""
        if isinstance(answers, KeyedGold) and answers.names:
            return render_lines(f"{label}\t{name}" for label, name in zip(answers, answers.names, strict=True))
        return render_lines(answers)

    def render_examples(self, examples: Sequence[SentencePair], *, with_gold: bool) -> bytes:
        """Texts between tabs, with the csv quoting that the reference writes (readers undo it)."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter="\t")
        for row in examples:
            texts = [part for part in (row.first, row.second) if part is not None]
            writer.writerow([*texts, *([row.label] if with_gold else [])])
        return text.getvalue().encode()

    def first(
        self, examples: Sequence[SentencePair], gold: list[str] | None, limit: int
    ) -> tuple[Sequence[SentencePair], list[str] | None]:
        """See :meth:`TaskType.first`."""
        return examples[:limit], None if gold is None else entries_at(gold, range(len(gold))[:limit])

    def take(
        self, examples: Sequence[SentencePair], gold: list[str], places: Sequence[int]
    ) -> tuple[list[SentencePair], list[str]]:
        """See :meth:`TaskType.take`."""
        return [examples[place] for place in places], entries_at(gold, places)

    def stratum(self, example: SentencePair) -> str:
        """The label."""
        return str(example.label)

    def text(self, example: SentencePair) -> str:
        """All that a model reads."""
        return " ".join(text for text in (example.first, example.second) if text is not None)

    def labels_of(self, examples: Iterable[SentencePair]) -> set[str]:
        """See :meth:`TaskType.labels_of`."""
        return {example.label for example in examples if example.label is not None}

    def gold_problems(self, gold: GoldFile[SentencePair, list[str]]) -> Iterator[Line]:
        """See :meth:`TaskType.gold_problems`."""
        yield from count_differs(gold, "line", "example")
        for line, label in gold.entries():
            if not label:
                yield line, "an empty line in gold"
            elif wrong := unknown_gold_label(gold, label, "label"):
                yield line, wrong

    def expected_of_gold(self, gold: list[str], source: str) -> Expected:
        """See :meth:`TaskType.expected_of_gold`."""
        return Expected(len(gold), source, labels=frozenset(gold))

    def findings(self, file: PredictionFile[list[str]]) -> Iterator[Finding]:
        """See :meth:`TaskType.findings`."""
        yield from blank_lines(file, "label")
        given = [(line, label) for line, label in zip(file.lines, file.answers, strict=True) if label]
        yield from unknown_labels(given, file.labels, "label")

    def view(self, examples: Sequence[SentencePair], gold: list[str] | None) -> TextView:
        """See :meth:`TaskType.view`."""
        return TextView(examples, gold or [])

    def chance(
        self,
        _examples: Sequence[SentencePair],
        gold: list[str],
        _labels: Sequence[str],
        score: Score[list[str]],
        _random: Random,
    ) -> float:
        """Always the one label that scores best: for accuracy the most frequent one."""
        return max(score([label] * len(gold)) for label in sorted(set(gold)))


def _parse_gold(text: str) -> Content[list[str]]:
    """Labels; where every line has a second column, that is the id."""
    content = parse_lines(text)
    rows = [line.split("\t") for line in content.answers]
    if not rows or any(len(row) != 2 for row in rows):
        return content
    labels, names = zip(*rows, strict=True)
    line_of: dict[str, int] = {}
    wrong = [
        (line, f"id '{name}' is there twice, first on line {line_of[name]}")
        for line, name in zip(content.lines, names, strict=True)
        if line_of.setdefault(name, line) != line
    ]
    return Content(KeyedGold(labels, names), content.lines, wrong)


class TextView:
    """Texts with one label each; items are published ids where gold has them, else places."""

    def __init__(self, examples: Sequence[SentencePair], gold: list[str]) -> None:
        self.examples, self.gold = examples, gold
        self._places = {name: place for place, name in enumerate(item_ids(gold))}

    def raw(self, answers: list[str], item: str) -> str:
        """A label."""
        return answers[self._places[item]]

    def inputs(self, item: str) -> dict[str, str]:
        """One text or both."""
        example = self.examples[self._places[item]]
        texts = {"first": example.first, "second": example.second}
        return {name: text for name, text in texts.items() if text is not None}

    def texts(self, item: str, *runs: list[str]) -> list[str]:
        """The labels."""
        return [self.raw(answers, item) for answers in (self.gold, *runs)]

    def similarity_names(self, _answers: list[str], _item: str) -> Sequence[str]:
        """Nothing is found."""
        return ()


TEXT_CLASSIFICATION = TextClassification()
