"""CoNLL-U to words and universal tags, as XTREME's preprocessing converts it.

A multi-word token becomes one word with the surface form and the tag of its head; empty nodes go; a sentence whose
words are nearly all withheld (``_``) goes; zero-width non-joiners and spaces inside a form go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xharness.tasks.base import MALFORMED, Rows
from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.lines import count, left_out, read_lines
from xharness.tasks.types.bitext_retrieval import MOST_DIGITS

WITHHELD = "all words or all but one are '_'"
"""Why a sentence is left out."""

ID, FORM, UPOS, HEAD, DEPS = 0, 1, 3, 6, 8

DEFAULT_ORDER = (
    "VERB", "NOUN", "PROPN", "PRON", "ADJ", "NUM", "ADV", "INTJ", "AUX",
    "ADP", "DET", "PART", "CCONJ", "SCONJ", "X", "PUNCT",
)  # fmt: skip
TAG_ORDERS = {
    "es": ("VERB", "AUX", "PRON", "ADP", "DET"),
    "fr": ("VERB", "AUX", "PRON", "NOUN", "ADJ", "ADV", "ADP", "DET", "PART", "SCONJ", "CONJ"),
    "it": ("VERB", "AUX", "ADV", "PRON", "ADP", "DET", "INTJ"),
}
"""Which tag wins where two words of a multi-word token are equally near to the root (ud-conversion-tools)."""

Row = tuple[int, list[str]]
"""Line number and the ten columns."""


@dataclass
class Treebank:
    """What one file holds. ``sentences`` are (words, tags); ``notes`` say what was left out or decided."""

    rows: Rows
    sentences: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_treebank(path: Path, language: str, tags: Sequence[str]) -> Treebank:
    """Convert one file. A sentence with a malformed line is left out; every such line is a problem."""
    lines, problems = read_lines(path)
    lost: Counter[str] = Counter()
    treebank = Treebank(Rows(path, "sentence", 0), problems=problems)
    read = 0
    for rows in sentence_rows(path, lines, treebank.problems):
        read += 1
        before = len(treebank.problems)
        words = _words(path, rows, language, treebank)
        treebank.problems += [
            Problem(path, line, f"tag '{tag}' is not a universal part of speech")
            for line, _, tag in words
            if tag not in tags
        ]
        forms = tuple(_clean(form) for _, form, _ in words)
        if len(treebank.problems) > before or not forms:
            lost[MALFORMED] += 1
        elif is_withheld(forms):
            lost[WITHHELD] += 1
        else:
            treebank.sentences.append((forms, tuple(tag for _, _, tag in words)))
    treebank.rows = Rows(path, "sentence", read, dict(lost))
    treebank.notes += left_out([treebank.rows])
    return treebank


def is_withheld(forms: Sequence[str]) -> bool:
    """Whether all words of a sentence or all but one are ``_``, as where a licence forbids to give the text."""
    blanks = forms.count("_")
    return 0 < blanks >= len(forms) - 1


def sentence_rows(path: Path, lines: Sequence[str], problems: list[Problem]) -> Iterator[list[Row]]:
    """The rows of each sentence without comments and empty nodes; no rows for one with a row of another width."""
    rows: list[Row] = []
    broken = False
    for number, line in enumerate([*lines, ""], 1):
        if not line.strip():
            if rows or broken:
                yield [] if broken else rows
            rows, broken = [], False
        elif not line.startswith("#"):
            columns = line.split("\t")
            if len(columns) != 10:
                problems.append(Problem(path, number, f"{count(len(columns), 'column')} instead of 10"))
                broken = True
            elif "." not in columns[ID]:
                rows.append((number, columns))


def _words(path: Path, rows: Sequence[Row], language: str, treebank: Treebank) -> list[tuple[int, str, str]]:
    """Line, form and tag of each word after multi-word tokens have swallowed their parts."""
    by_id = {columns[ID]: columns for _, columns in rows}
    words: list[tuple[int, str, str]] = []
    inside, expected = 0, 1
    for number, columns in rows:
        name = columns[ID]
        if not columns[FORM]:
            treebank.problems.append(Problem(path, number, "the form is empty"))
        if "-" in name:
            members = word_range(name)
            if not members or members[0] != expected or any(str(member) not in by_id for member in members):
                treebank.problems.append(Problem(path, number, f"'{name}' is not a range of the words that follow"))
                break
            tag = _head_tag(path, number, columns[FORM], members, by_id, language, treebank.notes)
            words.append((number, columns[FORM], tag))
            inside = members[-1]
        elif name != str(expected):
            treebank.problems.append(Problem(path, number, f"word id '{name}' where {expected} is due"))
            break
        else:
            if expected > inside:
                words.append((number, columns[FORM], columns[UPOS]))
            expected += 1
    return words


def word_range(name: str) -> range:
    """``3-4`` as a range; empty if it is none."""
    first, _, last = name.partition("-")
    whole = all(part.isdecimal() and len(part) <= MOST_DIGITS for part in (first, last))
    return range(int(first), int(last) + 1) if whole else range(0)


def _head_tag(
    path: Path,
    number: int,
    form: str,
    members: range,
    by_id: dict[str, list[str]],
    language: str,
    notes: list[str],
) -> str:
    """The tag of the member with the fewest ancestors; among equals the tag that stands first in the order.

    A tag that the order lacks comes last. The reference fails there and loses the whole file.
    """
    ancestors = {member: _ancestors(str(member), by_id) for member in members}
    nearest = [by_id[str(member)][UPOS] for member in members if ancestors[member] == min(ancestors.values())]
    order = TAG_ORDERS.get(language, DEFAULT_ORDER)
    if len(nearest) > 1 and any(tag not in order for tag in nearest):
        notes.append(
            f"{path.name}:{number}: a tie of {' and '.join(nearest)} in '{form}'; the reference loses the file"
        )
    return min(nearest, key=lambda tag: order.index(tag) if tag in order else len(order))


def _ancestors(name: str, by_id: dict[str, list[str]]) -> int:
    """How many nodes lead to a word, over basic and enhanced dependencies; the root counts."""
    seen: set[str] = set()
    open_ends = [name]
    while open_ends:
        columns = by_id.get(open_ends.pop())
        if columns is None:
            continue
        enhanced = [] if columns[DEPS] == "_" else [edge.partition(":")[0] for edge in columns[DEPS].split("|")]
        for head in (columns[HEAD], *enhanced):
            if head.isdecimal() and head not in seen:
                seen.add(head)
                open_ends.append(head)
    return len(seen - {name})


def _clean(form: str) -> str:
    """Without zero-width non-joiners and spaces, unless nothing else is there."""
    return form.replace("\u200c", "").replace(" ", "") or form
