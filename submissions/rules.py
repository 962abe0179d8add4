"""What is wrong with one prediction file, format by format; every finding with its line and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from tasks.base import Format, QuestionGold
from tasks.errors import suggestion
from tasks.formats import Parsed

SHOWN = 10  # findings of one kind that are listed before "... more"


@dataclass(frozen=True)
class Expected:
    """What a complete prediction file must fit.

    Attributes:
        count: Examples of the cell; None where answers need not be as many (mined pairs).
        source: Where that is known from, as it reads in "5,010 expected (...)".
        lengths: Words of each sentence, for tags.
        ids: Ids of questions or mentions.
        labels: Labels that gold uses beside those of the task.
        candidates: Lines that a line number may name.
    """

    count: int | None
    source: str
    lengths: tuple[int, ...] | None = None
    ids: tuple[str, ...] | None = None
    labels: frozenset[Any] = frozenset()
    candidates: int | None = None

    @staticmethod
    def of_gold(format: Format, gold: Any, source: str) -> Expected:
        """What a gold file expects of the prediction file beside it."""
        match format:
            case Format.TAGS:
                lengths = tuple(len(tags) for tags in gold)
                return Expected(len(gold), source, lengths=lengths, labels=frozenset(t for tags in gold for t in tags))
            case Format.ANSWERS:
                return Expected(len(gold), source, ids=tuple(question.id for question in gold))
            case Format.RANKINGS:
                return Expected(len(gold), source, ids=tuple(gold))
            case Format.PAIRS:
                return Expected(None, source)
            case Format.INDICES:  # a file of some lines only does not say how many candidates there are
                whole = set(gold) == {str(line) for line in range(len(gold))}
                return Expected(len(gold), source, candidates=len(gold) if whole else None)
        return Expected(len(gold), source, labels=frozenset(gold))


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. ``fatal``: there is no score that could be given for the file as it is."""

    line: int
    what: str
    fatal: bool = False


def findings(format: Format, parsed: Parsed, expected: Expected | None, labels: Sequence[str]) -> list[Finding]:
    """Everything that is wrong with a prediction file, in order of lines.

    Args:
        expected: None where nothing is known of the cell; then only the form of the file is checked.
        labels: The task's label set; empty if it has none.
    """
    return sorted(_RULES[format](_File(parsed, expected, labels)), key=lambda finding: finding.line)


def gold_findings(format: Format, gold: Any) -> Iterator[Finding]:
    """What is wrong with a gold file as a whole: nothing in it, or the labels taken out as in XTREME's download."""
    if not len(gold):
        yield Finding(0, "holds no examples; a score needs at least one", fatal=True)
    elif _is_blanked(format, gold):
        what = "all answers are empty or dummies: this is a test file as downloaded, not gold"
        yield Finding(0, f"{what}; give the folder with the true labels", fatal=True)
    elif format is Format.ANSWERS:
        bare = [
            Finding(0, f"question '{gold_.id}' has no gold answer; it counts 0") for gold_ in gold if not gold_.answers
        ]
        yield from _first(bare, "questions")


def _is_blanked(format: Format, gold: Any) -> bool:
    if format is Format.ANSWERS:
        questions: Sequence[QuestionGold] = gold
        return not any(answer for question in questions for answer in question.answers)
    if format is Format.RANKINGS:
        return not any(entity for entities in gold.values() for entity in entities)
    return format is Format.CHOICES and len(gold) >= 50 and all(label == 0 for label in gold)


class _File(NamedTuple):
    """A prediction file as a rule sees it."""

    parsed: Parsed
    expected: Expected | None
    labels: Sequence[str]

    def lines(self) -> Iterator[tuple[int, Any]]:
        """Each item with its line."""
        return zip(self.parsed.lines, self.parsed.answers, strict=True)


# --- rules -----------------------------------------------------------------------------------------------------------


def _labels(file: _File) -> Iterator[Finding]:
    yield from _count_lines(file, "label")
    yield from _unknown([(line, label) for line, label in file.lines() if label], file.labels, "label")


def _indices(file: _File) -> Iterator[Finding]:
    yield from _count_lines(file, "line number")
    size = file.expected.candidates if file.expected else None
    wrong = [Finding(line, what) for line, text in file.lines() if text and (what := _wrong_index(text, size))]
    yield from _first(wrong, "lines")


def _wrong_index(text: str, size: int | None) -> str:
    """Why this is no 0-based line number below ``size``; empty if it is one."""
    if re.fullmatch(r"\[\s*\d+\s*\]", text):
        return f"'{text}' has brackets; write {text.strip('[] ')}"
    if not re.fullmatch(r"0|[1-9][0-9]*", text):
        plain = re.fullmatch(r"[+]?0*([0-9]+)(?:\.0+)?", text)
        return f"'{text}' is not a plain integer; write " + (plain[1] if plain else "a 0-based line number like 17")
    if size is not None and int(text) >= size:
        return f"{text} is out of range; line numbers count from 0, so the last one is {size - 1}"
    return ""


def _pairs(file: _File) -> Iterator[Finding]:
    if not file.parsed.answers:
        yield Finding(0, "holds no pair, which scores 0; write one 'source id TAB target id' a line")
    yield from _first([Finding(line, what) for line, pair in file.lines() if (what := _wrong_pair(pair))], "lines")


def _wrong_pair(pair: tuple[str, ...]) -> str:
    """Why this is no pair of ids with English second; empty if it is one."""
    if pair == ("",):
        return "a blank line counts as a wrong pair; delete it"
    if len(pair) != 2 or not all(pair) or any(" " in part for part in pair):
        return f"'{_short(' '.join(pair))}' is not 'source id TAB target id'"
    if pair[0].startswith("en-") and not pair[1].startswith("en-"):
        return f"English stands first in '{pair[0]} {pair[1]}'; swap the two columns"
    return ""


def _choices(file: _File) -> Iterator[Finding]:
    yield from _wrong_count(file, "label")
    unreadable = {problem.line for problem in file.parsed.problems}
    known = [label for label in file.expected.labels if isinstance(label, int)] if file.expected else []
    wrong = []
    for line, label in file.lines():
        if line in unreadable:
            continue
        if not isinstance(label, int | float) or label != int(label) or label < 0:
            wrong.append(Finding(line, f'label {_short(repr(label))} is not an integer; write it like {{"label": 0}}'))
        elif known and label > max(known):
            wrong.append(Finding(line, f"label {label} is out of range; the choices are 0 to {max(known)}"))
    yield from _first(wrong, "lines")


def _tags(file: _File) -> Iterator[Finding]:
    parsed, expected = file.parsed, file.expected
    lengths = [len(tags) for tags in parsed.answers]
    yield from _first(list(_blank_sentences(lengths, parsed.lines, expected)), "blank lines")
    if expected and expected.count is not None and len(lengths) != expected.count:
        yield Finding(0, _sentence_count(lengths, parsed.lines, expected), fatal=True)
    elif expected and expected.lengths:
        cases = zip(parsed.lines, lengths, expected.lengths, strict=True)
        wrong = [
            Finding(
                line,
                f"sentence {number} has {plural(has, 'tag')} for {plural(words, 'word')} ({expected.source})",
                fatal=True,
            )
            for number, (line, has, words) in enumerate(cases, start=1)
            if has != words
        ]
        yield from _first(wrong, "sentences")
    known = {*file.labels, *(expected.labels if expected else ())}
    words = ((start + place, tag) for start, tags in file.lines() for place, tag in enumerate(tags) if tag not in known)
    yield from _unknown(words, sorted(known), "tag")


def _blank_sentences(lengths: Sequence[int], lines: Sequence[int], expected: Expected | None) -> Iterator[Finding]:
    """Blank lines that add an empty sentence where none belongs, each run of them once."""
    wanted = expected.lengths if expected and expected.lengths else ()
    if len(wanted) == len(lengths):
        return  # then the comparison of lengths says it better
    for empty, run in groupby(range(len(lengths)), key=lambda index: lengths[index] == 0):
        if not empty:
            continue
        where = list(run)
        if where[0] == 0:
            place, fix = "a blank line at the start adds an empty sentence", "begin with a tag"
        elif where[-1] == len(lengths) - 1:
            place = f"{len(where) + 1} trailing blank lines add {plural(len(where), 'empty sentence')}"
            fix = "keep at most one blank line at the end"
        else:
            place, fix = (
                f"{len(where) + 1} blank lines in a row add an empty sentence",
                "keep one between two sentences",
            )
        yield Finding(lines[where[0]], f"{place}; {fix}")


def _sentence_count(lengths: Sequence[int], lines: Sequence[int], expected: Expected) -> str:
    assert expected.count is not None
    text = f"{plural(len(lengths), 'sentence')}, but {expected.count:,} expected ({expected.source})"
    for number, (has, words) in enumerate(zip(lengths, expected.lengths or (), strict=False), start=1):
        if has != words:
            what = f"{plural(has, 'tag')} for {plural(words, 'word')}"
            return f"{text}; first difference in sentence {number}, line {lines[number - 1]}: {what}"
    return f"{text}; {'sentences are missing at the end' if len(lengths) < expected.count else 'delete the rest'}"


def _by_id(file: _File) -> Iterator[Finding]:
    """Question or mention ids: all of them, and no others."""
    parsed, expected = file.parsed, file.expected
    broken = bool(parsed.problems)
    if expected is None or (broken and not parsed.answers):
        return
    if expected.ids is None:
        if not broken:
            yield from _wrong_count(file, "answer")
        return
    known = set(expected.ids)
    unknown = [
        Finding(line, f"unknown id '{name}' ({expected.source}); it answers no question of this file")
        for name, line in zip(parsed.answers, parsed.lines, strict=True)
        if name not in known
    ]
    if unknown and len(unknown) == len(parsed.answers):
        what = f"not one of {plural(len(unknown), 'id')} is known ({expected.source})"
        yield Finding(0, f"{what}; is it the file of another language or split?")
        return
    yield from _first(unknown, "ids")
    if not broken:
        missing = [name for name in dict.fromkeys(expected.ids) if name not in parsed.answers]
        yield from _first(
            [Finding(0, f"no answer to '{name}' ({expected.source}); it counts 0") for name in missing], "ids"
        )


_RULES: Mapping[Format, Callable[[_File], Iterator[Finding]]] = {
    Format.LABELS: _labels,
    Format.INDICES: _indices,
    Format.TAGS: _tags,
    Format.PAIRS: _pairs,
    Format.CHOICES: _choices,
    Format.ANSWERS: _by_id,
    Format.RANKINGS: _by_id,
}


# --- shared ----------------------------------------------------------------------------------------------------------


def _count_lines(file: _File, unit: str) -> Iterator[Finding]:
    """A wrong number of lines, and every blank line, which the official scorer reads as an answer."""
    size = len(file.parsed.lines)
    blank = [line for line, text in file.lines() if not text]
    trailing = 0
    while trailing < len(blank) and blank[-1 - trailing] == size - trailing:
        trailing += 1
    inner = blank[: len(blank) - trailing]
    what = "a blank line counts as an answer; delete it or fill it"
    yield from _first([Finding(line, what) for line in inner], "lines")
    if trailing:
        lines = f"{plural(trailing, 'trailing blank line')} read as answers"
        yield Finding(blank[-trailing], f"{lines}; end the file after the last answer")
    right = file.expected is not None and size - len(blank) == file.expected.count
    yield from _wrong_count(file, unit, "; without the blank lines the count is right" if right else "")


def _wrong_count(file: _File, unit: str, hint: str = "") -> Iterator[Finding]:
    has, expected = len(file.parsed.answers), file.expected
    if expected and expected.count is not None and has != expected.count:
        what = f"{plural(has, unit)}, but {expected.count:,} expected ({expected.source}){hint}"
        yield Finding(0, what, fatal=True)


def _unknown(used: Iterable[tuple[int, str]], labels: Sequence[str], noun: str) -> list[Finding]:
    """Each label that is not in the label set: where it stands first and how often."""
    lines: dict[str, list[int]] = {}
    for line, label in used if labels else ():
        if label not in labels:
            lines.setdefault(label, []).append(line)
    found = []
    for label, where in lines.items():
        often = f" (on {len(where):,} lines, first here)" if len(where) > 1 else ""
        found.append(Finding(where[0], f"unknown {noun} '{_short(label)}'{often}; {suggestion(label, labels)}"))
    return _first(found, f"{noun}s")


def _first(found: list[Finding], noun: str) -> list[Finding]:
    """The findings of one kind, the first few of many."""
    if len(found) <= SHOWN + 1:
        return found
    rest = found[SHOWN:]
    return [*found[:SHOWN], Finding(rest[0].line, f"and so on: {len(rest):,} more {noun} like this", rest[0].fatal)]


def plural(count: int, noun: str) -> str:
    """``1 label``, ``5,010 labels``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
