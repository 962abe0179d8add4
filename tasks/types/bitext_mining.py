"""Bitext mining: pairs of translations hidden in two monolingual corpora."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import TypeAlias

from xharness.tasks.common.text import shortened
from xharness.tasks.types.base import GoldFile, Line, Parsed, Score, TaskType
from xharness.tasks.types.files import Content, read, render_lines, stripped_lines
from xharness.tasks.types.findings import Expected, Finding, PredictionFile, first_of

Pairs: TypeAlias = list[tuple[str, ...]]  # two ids each, English second; a malformed line has another number of parts

FEWEST = 0.9  # source sentences a gold pair: few have several translations


@dataclass(frozen=True, slots=True)
class Corpora:
    """Two monolingual corpora with some translations hidden in them; (id, text) pairs."""

    source: tuple[tuple[str, str], ...]
    target: tuple[tuple[str, str], ...]


class BitextMining(TaskType[Corpora, Pairs, Pairs]):
    """Source id TAB target id a line. A cell has one example: the corpora."""

    name = "bitext_mining"
    title = "bitext mining"
    hub_task = "sentence-similarity"
    own_options = ("layer", "pooling", "prompt", "mining")
    example = Corpora
    guess = "a random sentence"
    tuning_split = "dev"
    items_differ = True
    retrieves = True

    def parse_answers(self, path: Path) -> Parsed[Pairs]:
        """See :meth:`TaskType.parse_answers`."""
        return read(_parse, path)

    parse_gold = parse_answers

    def render(self, answers: Pairs) -> str:
        """See :meth:`TaskType.render`."""
        return render_lines("\t".join(pair) for pair in answers)

    def size(self, examples: Sequence[Corpora]) -> int:
        """Number of source sentences."""
        return sum(len(example.source) for example in examples)

    def targets(self, examples: Sequence[Corpora]) -> int:
        """Number of target sentences."""
        return sum(len(example.target) for example in examples)

    def published_size(self, _examples: Sequence[Corpora], gold: Pairs | None) -> int | None:
        """Gold pairs are what was published."""
        return None if gold is None else len(gold)

    def is_published_size(self, items: int, published: int) -> bool:
        """Items are source sentences with a gold or a mined pair: about as many as gold pairs, or more."""
        return items >= FEWEST * published

    def first(
        self, examples: Sequence[Corpora], gold: Pairs | None, limit: int
    ) -> tuple[Sequence[Corpora], Pairs | None]:
        """The first source sentences with their gold pairs; their translations, and the first others up to as many."""
        (whole,) = examples
        source = whole.source[:limit]
        named = {name for name, _ in source}
        kept = None if gold is None else [pair for pair in gold if pair[0] in named]
        wanted = {pair[-1] for pair in kept or ()}
        others = (name for name, _ in whole.target if name not in wanted)
        wanted |= set(islice(others, max(0, limit - len(wanted))))
        return [Corpora(source, tuple(each for each in whole.target if each[0] in wanted))], kept

    def take(self, examples: Sequence[Corpora], gold: Pairs, places: Sequence[int]) -> tuple[list[Corpora], Pairs]:
        """The source sentences at some places, all targets, and the gold pairs among them."""
        (whole,) = examples
        corpora = Corpora(tuple(whole.source[place] for place in places), whole.target)
        source = {name for name, _ in corpora.source}
        return [corpora], [pair for pair in gold if pair[0] in source]

    def gold_problems(self, gold: GoldFile[Corpora, Pairs]) -> Iterator[Line]:
        """See :func:`wrong_pairs`."""
        return wrong_pairs(gold.entries(), gold.examples[0] if gold.examples else None)

    def expected_of_gold(self, _gold: Pairs, source: str) -> Expected:
        """Any number of pairs."""
        return Expected(None, source)

    def expected_of_examples(self, _examples: Sequence[Corpora], _source: str) -> None:
        """Any number of pairs is an answer."""

    def expected_of_count(self, _count: int, _source: str) -> None:
        """A published number of gold pairs says nothing of answers."""

    def findings(self, file: PredictionFile[Pairs]) -> Iterator[Finding]:
        """See :meth:`TaskType.findings`."""
        if not file.answers:
            yield Finding(0, "holds no pair, which scores 0; write one 'source id TAB target id' a line")
        given = zip(file.lines, file.answers, strict=True)
        yield from first_of([Finding(line, what) for line, pair in given if (what := wrong_pair(pair))], "lines")

    def view(self, examples: Sequence[Corpora], gold: Pairs | None) -> CorporaView:
        """See :meth:`TaskType.view`."""
        return CorporaView(examples[0], gold or [])

    def chance(
        self, examples: Sequence[Corpora], gold: Pairs, _labels: Sequence[str], _score: Score[Pairs], _random: Random
    ) -> float:
        """Every source sentence with a random one of the other side."""
        right = len(gold) / self.targets(examples)
        return 200 * right / (self.size(examples) + len(gold))


def _parse(text: str) -> Content[list[tuple[str, ...]]]:
    lines = stripped_lines(text)
    return Content([tuple(line.split("\t")) for line in lines], range(1, len(lines) + 1))


def wrong_pair(pair: tuple[str, ...]) -> str:
    """Why this is not a pair of ids with English second; empty if it is one."""
    if pair == ("",):
        return "a blank line counts as a wrong pair; delete it"
    if len(pair) != 2 or not all(pair) or any(" " in part for part in pair):
        return f"'{shortened(' '.join(pair))}' is not 'source id TAB target id'"
    if pair[0].startswith("en-") and not pair[1].startswith("en-"):
        return f"English stands first in '{pair[0]} {pair[1]}'; swap the two columns"
    return ""


def wrong_pairs(entries: Iterable[tuple[int, tuple[str, ...]]], corpora: Corpora | None) -> Iterator[Line]:
    """Lines of pairs that are not two ids, are there twice, or have ids that the corpora do not hold.

    Without the corpora an id must begin like most ids of its side do, as in ``de-000012``.
    """
    entries = list(entries)
    sides = (corpora.source, corpora.target) if corpora else ((), ())
    known = [{name for name, _ in side} for side in sides]
    begins = [_common_beginning([pair[side] for _, pair in entries if not wrong_pair(pair)]) for side in (0, 1)]
    first: dict[tuple[str, ...], int] = {}
    for line, pair in entries:
        if wrong := wrong_pair(pair):
            yield line, wrong
        elif first.setdefault(pair, line) != line:
            yield line, f"the pair '{' '.join(pair)}' is there twice, first on line {first[pair]}"
        elif corpora and pair[0] in known[1] and pair[1] in known[0]:
            yield line, f"the columns of '{' '.join(pair)}' are swapped: English stands second"
        elif corpora:
            for name, ids, side in zip(pair, known, ("source", "English"), strict=True):
                if name not in ids:
                    yield line, f"id '{name}' is not in the {side} corpus"
        else:
            for name, begin in zip(pair, begins, strict=True):
                if not name.startswith(begin):
                    yield line, f"id '{shortened(name)}' does not begin with '{begin}', as the others do"


def _common_beginning(names: Sequence[str]) -> str:
    """What more than half of the ids begin with, up to the last hyphen; empty if there is no such thing."""
    counted = Counter(name[: name.rfind("-") + 1] for name in names)
    begin, times = counted.most_common(1)[0] if counted else ("", 0)
    return begin if 2 * times > len(names) else ""


class CorporaView:
    """Source sentences, and the target sentences they were paired with."""

    def __init__(self, corpora: Corpora, gold: Pairs) -> None:
        self.source, self.target, self.gold = dict(corpora.source), dict(corpora.target), gold
        self._by_source: dict[int, tuple[Pairs, dict[str, list[str]]]] = {}

    def raw(self, answers: Pairs, item: str) -> list[str]:
        """Ids of the targets of a source sentence."""
        return self._targets(answers).get(item, [])

    def inputs(self, item: str) -> dict[str, str]:
        """The source sentence."""
        return {"source": self.source.get(item, item)}

    def texts(self, item: str, *runs: Pairs) -> list[str]:
        """Target sentences."""
        sides = (self.raw(answers, item) for answers in (self.gold, *runs))
        return [" | ".join(self.target.get(name, name) for name in names) for names in sides]

    def similarity_names(self, answers: Pairs, item: str) -> Sequence[str]:
        """Those of each pair with the source sentence."""
        return [f"{item}\t{target}" for target in self.raw(answers, item)]

    def _targets(self, answers: Pairs) -> dict[str, list[str]]:
        """Targets by source, worked out once for each list of pairs, which is kept with them."""
        kept = self._by_source.get(id(answers))
        if kept is None:
            kept = answers, _targets_of(answers)
            self._by_source[id(answers)] = kept
        return kept[1]


def _targets_of(answers: Iterable[tuple[str, ...]]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for pair in answers:
        found.setdefault(pair[0], set()).add("\t".join(pair[1:]))
    return {source: sorted(targets) for source, targets in found.items()}


BITEXT_MINING = BitextMining()
