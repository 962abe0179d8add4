"""Tagging: a tag for each word of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from pathlib import Path
from random import Random
from typing import TypeAlias

from xharness.tasks.common.text import plural
from xharness.tasks.types.base import GoldFile, Line, Parsed, Score, TaskType
from xharness.tasks.types.files import Content, read, stripped_lines
from xharness.tasks.types.findings import Expected, Finding, PredictionFile, first_of, unknown_labels
from xharness.tasks.types.labels import count_differs, unknown_gold_label
from xharness.tasks.types.tag_spans import Span, spans

Tags: TypeAlias = list[list[str]]
_PREFIX = re.compile(r"[BIES]-")


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A pre-tokenised sentence.

    Attributes:
        tags: One entry a word; None where the file does not carry them.
        facts: Where the example comes from; models do not see it.
    """

    id: str
    words: tuple[str, ...]
    tags: tuple[str, ...] | None = None
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


class Tagging(TaskType[TaggedSentence, Tags, Tags]):
    """One tag a line, an empty line between sentences."""

    name = "tagging"
    title = "tagging"
    hub_task = "token-classification"
    example = TaggedSentence
    guess = "the best constant tag"

    def parse_answers(self, path: Path) -> Parsed[Tags]:
        """See :meth:`TaskType.parse_answers`."""
        return read(_parse, path)

    def parse_gold(self, path: Path) -> Parsed[Tags]:
        """As answers, without empty sentences.

        XTREME's early preprocessing wrote blank lines in a row into tag files. They are one end of a sentence each, so
        the empty sentences between them, which have no tag to score, are left out.
        """
        return without_empty(self.parse_answers(path))

    def like_gold(self, answers: Parsed[Tags], gold: Parsed[Tags]) -> Parsed[Tags]:
        """Answers without empty sentences where gold had some: the official scorer takes both or neither."""
        return without_empty(answers) if gold.empty else answers

    def render(self, answers: Tags) -> str:
        """See :meth:`TaskType.render`."""
        return "\n".join("".join(f"{tag}\n" for tag in tags) for tags in answers)

    def render_examples(self, examples: Sequence[TaggedSentence], *, with_gold: bool) -> bytes:
        """A word a line, and its tag; an empty line between sentences, none at the end."""
        blocks = []
        for row in examples:
            tagged = zip(row.words, row.tags or (), strict=True) if with_gold else ()
            lines = [f"{word}\t{tag}" for word, tag in tagged] if with_gold else row.words
            blocks.append("".join(f"{line}\n" for line in lines))
        return "\n".join(blocks).encode()

    def first(
        self, examples: Sequence[TaggedSentence], gold: Tags | None, limit: int
    ) -> tuple[Sequence[TaggedSentence], Tags | None]:
        """See :meth:`TaskType.first`."""
        return examples[:limit], None if gold is None else gold[:limit]

    def take(
        self, examples: Sequence[TaggedSentence], gold: Tags, places: Sequence[int]
    ) -> tuple[list[TaggedSentence], Tags]:
        """See :meth:`TaskType.take`."""
        return [examples[place] for place in places], [gold[place] for place in places]

    def text(self, example: TaggedSentence) -> str:
        """The words."""
        return " ".join(example.words)

    def labels_of(self, examples: Iterable[TaggedSentence]) -> set[str]:
        """See :meth:`TaskType.labels_of`."""
        return {tag for example in examples for tag in example.tags or ()}

    def gold_problems(self, gold: GoldFile[TaggedSentence, Tags]) -> Iterator[Line]:
        """As many sentences, as many tags in each as it has words, and no unknown tag.

        Where a sentence is too many or too few, only the first that does not fit is named: those after it are shifted.
        """
        yield from count_differs(gold, "sentence", "sentence")
        parsed, examples = gold.parsed, gold.examples or ()
        for start, tags, example in zip(parsed.lines, parsed.answers, examples, strict=False):
            if len(tags) != len(example.words):
                has, words = plural(len(tags), "tag"), plural(len(example.words), "word")
                yield start, f"sentence {example.id} has {has} for {words}"
                if len(parsed.answers) != len(examples):
                    break
        known = frozenset(gold.labels)
        for start, tags in gold.entries():
            for offset, tag in enumerate(() if known.issuperset(tags) else tags):
                if wrong := unknown_gold_label(gold, tag, "tag"):
                    yield start + offset, wrong

    def expected_of_gold(self, gold: Tags, source: str) -> Expected:
        """See :meth:`TaskType.expected_of_gold`."""
        lengths = tuple(len(tags) for tags in gold)
        return Expected(len(gold), source, lengths=lengths, labels=frozenset(chain.from_iterable(gold)))

    def expected_of_examples(self, examples: Sequence[TaggedSentence], source: str) -> Expected:
        """See :meth:`TaskType.expected_of_examples`."""
        return Expected(len(examples), source, lengths=tuple(len(example.words) for example in examples))

    def findings(self, file: PredictionFile[Tags]) -> Iterator[Finding]:
        """See :meth:`TaskType.findings`."""
        lengths = [len(tags) for tags in file.answers]
        yield from first_of(list(_blank_sentences(lengths, file.lines, file.expected)), "blank lines")
        yield from _wrong_lengths(lengths, file.lines, file.expected)
        known = {*file.labels, *(file.expected.labels if file.expected else ())}
        placed = ((start + place, tag) for start, tags in zip(file.lines, file.answers, strict=True)
                  if not known.issuperset(tags) for place, tag in enumerate(tags) if tag not in known)  # fmt: skip
        yield from unknown_labels(placed, sorted(known), "tag")

    def view(self, examples: Sequence[TaggedSentence], gold: Tags | None) -> TagView:
        """See :meth:`TaskType.view`."""
        return TagView(examples, gold or [])

    def tags(self, answers: Tags) -> Tags:
        """See :meth:`TaskType.tags`."""
        return answers

    def chance(
        self,
        _examples: Sequence[TaggedSentence],
        gold: Tags,
        labels: Sequence[str],
        score: Score[Tags],
        _random: Random,
    ) -> float:
        """Always the one tag that scores best."""
        return max(score([[label] * len(tags) for tags in gold]) for label in labels)


def without_empty(parsed: Parsed[Tags]) -> Parsed[Tags]:
    """Tags without sentences that have none."""
    kept = [(tags, line) for tags, line in zip(parsed.answers, parsed.lines, strict=True) if tags]
    empty = parsed.empty + len(parsed.answers) - len(kept)
    return replace(parsed, answers=[tags for tags, _ in kept], lines=tuple(line for _, line in kept), empty=empty)


def _parse(text: str) -> Content[Tags]:
    """A line of white space closes a sentence even if it is empty; the end of the file only a non-empty one."""
    lines = stripped_lines(text)
    ends = [place for place, line in enumerate(lines) if not line]
    if lines and lines[-1]:
        ends.append(len(lines))
    begins = [0, *(end + 1 for end in ends)][: len(ends)]
    sentences = [lines[begin:end] for begin, end in zip(begins, ends, strict=True)]
    return Content(sentences, [begin + 1 for begin in begins])


# --- rules -----------------------------------------------------------------------------------------------------------


def _wrong_lengths(lengths: Sequence[int], lines: Sequence[int], expected: Expected | None) -> Iterator[Finding]:
    """Another number of sentences, or of tags in one."""
    if expected and expected.count is not None and len(lengths) != expected.count:
        yield Finding(0, _sentence_count(lengths, lines, expected), fatal=True)
    elif expected and expected.lengths:
        cases = zip(lines, lengths, expected.lengths, strict=True)
        wrong = [
            Finding(
                line,
                f"sentence {number} has {plural(has, 'tag')} for {plural(words, 'word')} ({expected.source})",
                fatal=True,
            )
            for number, (line, has, words) in enumerate(cases, start=1)
            if has != words
        ]
        yield from first_of(wrong, "sentences")


def _blank_sentences(lengths: Sequence[int], lines: Sequence[int], expected: Expected | None) -> Iterator[Finding]:
    """Blank lines that add an empty sentence where none belongs, each run of them once."""
    wanted = expected.lengths if expected and expected.lengths else ()
    if len(wanted) == len(lengths):
        return  # then the comparison of lengths says it better
    for empty, run in groupby(range(len(lengths)), key=lambda index: lengths[index] == 0):
        if empty:
            where = list(run)
            yield Finding(lines[where[0]], _blank_run(where, len(lengths)))


def _blank_run(where: Sequence[int], sentences: int) -> str:
    """What a run of empty sentences is, by its place, and what to do."""
    if where[0] == 0:
        return "a blank line at the start adds an empty sentence; begin with a tag"
    if where[-1] == sentences - 1:
        place = f"{len(where) + 1} trailing blank lines add {plural(len(where), 'empty sentence')}"
        return f"{place}; keep at most one blank line at the end"
    return f"{len(where) + 1} blank lines in a row add an empty sentence; keep one between two sentences"


def _sentence_count(lengths: Sequence[int], lines: Sequence[int], expected: Expected) -> str:
    assert expected.count is not None
    text = f"{plural(len(lengths), 'sentence')}, but {expected.count:,} expected ({expected.source})"
    for number, (has, words) in enumerate(zip(lengths, expected.lengths or (), strict=False), start=1):
        if has != words:
            what = f"{plural(has, 'tag')} for {plural(words, 'word')}"
            return f"{text}; first difference in sentence {number}, line {lines[number - 1]}: {what}"
    return f"{text}; {'sentences are missing at the end' if len(lengths) < expected.count else 'delete the rest'}"


# --- for people ------------------------------------------------------------------------------------------------------


class TagView:
    """Tagged sentences: names as ``PER: Ada Lovelace``, other tags as ``word/TAG`` of the words that differ."""

    def __init__(self, examples: Sequence[TaggedSentence], gold: Tags) -> None:
        self.words, self.gold = [example.words for example in examples], gold
        self.prefixed = is_prefixed(gold)

    def raw(self, answers: Tags, item: str) -> list[str]:
        """The tags of a sentence."""
        return answers[int(item)]

    def inputs(self, item: str) -> dict[str, str]:
        """The words."""
        return {"words": " ".join(self.words[int(item)])}

    def texts(self, item: str, *runs: Tags) -> list[str]:
        """Names; or every word on which gold and runs are not all agreed (all words if they are)."""
        words, sides = self.words[int(item)], [self.raw(answers, item) for answers in (self.gold, *runs)]
        if self.prefixed:
            return ["; ".join(_name(span, words) for span in spans([tags])[0]) for tags in sides]
        differ = [index for index, tags in enumerate(zip(*sides, strict=True)) if len(set(tags)) > 1]
        return [" ".join(f"{words[index]}/{tags[index]}" for index in differ or range(len(words))) for tags in sides]

    def similarity_names(self, _answers: Tags, _item: str) -> Sequence[str]:
        """Nothing is found."""
        return ()


def is_prefixed(sentences: Iterable[Sequence[str]]) -> bool:
    """Whether tags mark beginnings and insides of names (``B-PER``), rather than being bare (``NOUN``)."""
    return any(_PREFIX.match(tag) for tags in sentences for tag in tags)


def _name(span: Span, words: Sequence[str]) -> str:
    return f"{span.type}: {' '.join(words[span.begin : span.end])}"


TAGGING = Tagging()
