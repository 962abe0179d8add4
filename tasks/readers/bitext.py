"""Sentences of two languages: Tatoeba (line by line) and BUCC (two corpora with pairs hidden in them)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.layout import FolderReader, Found, existing, search
from xharness.tasks.readers.lines import count, read_lines, table
from xharness.tasks.types.bitext_mining import BITEXT_MINING, Corpora, wrong_pairs
from xharness.tasks.types.bitext_retrieval import Bitext

THREE_LETTERS = {
    "af": "afr", "ar": "ara", "bg": "bul", "bn": "ben", "de": "deu", "el": "ell", "es": "spa", "et": "est",
    "eu": "eus", "fa": "pes", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hu": "hun", "id": "ind",
    "it": "ita", "ja": "jpn", "jv": "jav", "ka": "kat", "kk": "kaz", "ko": "kor", "ml": "mal", "mr": "mar",
    "nl": "nld", "pt": "por", "ru": "rus", "sw": "swh", "ta": "tam", "te": "tel", "th": "tha", "tl": "tgl",
    "tr": "tur", "ur": "urd", "vi": "vie", "zh": "cmn", "az": "aze", "lt": "lit", "pl": "pol", "uk": "ukr",
    "ro": "ron",
}  # fmt: skip
"""Our code to the one in LASER's file names."""


@dataclass(frozen=True)
class TatoebaReader(FolderReader):
    """``<lang>-en.<lang>`` and ``<lang>-en.en`` (sorted), or LASER's ``tatoeba.<xyz>-eng.<xyz>`` and ``.eng``.

    LASER's lines are translations of each other. As in the reference, the English side is stripped and sorted by code
    point, so gold k is the original line number of the k-th English sentence; equal sentences keep their order.
    """

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """XTREME's files, English first."""
        if split != "test":
            return ()
        return existing(folder / f"{language}-en.en", folder / f"{language}-en.{language}")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """LASER's files, English first."""
        code = THREE_LETTERS.get(language)
        if split != "test" or code is None:
            return ()
        english = search(folder, f"tatoeba.{code}-eng.eng")
        return existing(*english, english[0].with_name(f"tatoeba.{code}-eng.{code}")) if english else ()

    def parse(self, found: Found) -> Split:
        """Read both sides; one example."""
        english_path, other_path = found.files
        english, others, problems = read_aligned(english_path, other_path)
        queries = [sentence.strip() for sentence in english]
        order = sorted(range(len(queries)), key=queries.__getitem__)
        gold: list[str] | None = None
        notes: tuple[str, ...] = ()
        if found.upstream:
            queries, gold = [queries[index] for index in order], [str(index) for index in order]
        elif order != list(range(len(queries))):
            notes = (f"{english_path.name} is not sorted, so it was not made by XTREME's preprocessing",)
        rows = (Rows(english_path, "line", len(english)), Rows(other_path, "line", len(others)))
        return Split([Bitext(tuple(queries), tuple(others))], gold, found.files, tuple(sorted(problems)), notes, rows)


@dataclass(frozen=True)
class BuccReader(FolderReader):
    """``<lang>-en.<split>.{<lang>,en}`` with the optional ``.gold``, at the top or in the archive's folders.

    Upstream, our test is called ``training`` and our dev ``sample``.
    """

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """XTREME's names: the language, English, and gold where it is."""
        return _with_gold(folder, f"{language}-en.{split}", language)

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The names in the archives, and XTREME's further down."""
        names = {"test": ("training", "test"), "dev": ("sample", "dev")}.get(split, ())
        for name in names:
            for path in search(folder, f"{language}-en.{name}.{language}"):
                found = _with_gold(path.parent, f"{language}-en.{name}", language)
                if found:
                    return found
        return ()

    def parse(self, found: Found) -> Split:
        """Read both corpora, one example, and the gold pairs if their file is there."""
        problems: list[Problem] = []
        source, target = (_corpus(path, problems) for path in found.files[:2])
        corpora = Corpora(source, target)
        rows = [Rows(path, "line", len(side)) for path, side in zip(found.files, (source, target), strict=False)]
        gold = None
        if len(found.files) == 3:
            # After a malformed line an id may be lacking that gold has.
            gold, counted = _gold_pairs(found.files[2], None if problems else corpora, problems)
            rows.append(counted)
        return Split([corpora], gold, found.files, tuple(sorted(problems)), rows=tuple(rows))


def read_aligned(english_path: Path, other_path: Path) -> tuple[list[str], list[str], list[Problem]]:
    """Two files whose lines are translations of each other; different numbers of lines are a problem."""
    (english, problems), (others, more) = _sentences(english_path), _sentences(other_path)
    problems += more
    if len(english) != len(others):
        what = f"{count(len(others), 'line')}, but {english_path.name} has {len(english)}"
        problems.append(Problem(other_path, min(len(english), len(others)) + 1, what))
    return english, others, problems


def _sentences(path: Path) -> tuple[list[str], list[Problem]]:
    """One sentence a line; an empty one is a problem."""
    lines, problems = read_lines(path)
    problems += [Problem(path, number, "the line is empty") for number, line in enumerate(lines, 1) if not line.strip()]
    return lines, problems


def _with_gold(folder: Path, stem: str, language: str) -> tuple[Path, ...]:
    corpora = existing(folder / f"{stem}.{language}", folder / f"{stem}.en")
    return corpora and (*corpora, *existing(folder / f"{stem}.gold"))


def _corpus(path: Path, problems: list[Problem]) -> tuple[tuple[str, str], ...]:
    """``id TAB sentence`` a line; ids are unique."""
    lines, found = read_lines(path)
    problems += found
    first: dict[str, int] = {}
    rows: list[tuple[str, str]] = []
    for number, (name, text) in table(path, enumerate(lines, 1), problems, take=(0, 1), columns=2):
        if name and first.setdefault(name, number) != number:
            problems.append(Problem(path, number, f"id '{name}' is there twice, first on line {first[name]}"))
        rows.append((name, text))
    return tuple(rows)


def _gold_pairs(path: Path, corpora: Corpora | None, problems: list[Problem]) -> tuple[list[tuple[str, str]], Rows]:
    """The pairs of a gold file that the corpora hold; any other line is a problem and left out."""
    parsed = BITEXT_MINING.parse_gold(path)
    entries = list(zip(parsed.lines, parsed.answers, strict=True))
    wrong = dict(wrong_pairs(entries, corpora))
    problems += [*parsed.problems, *(Problem(path, line, what) for line, what in wrong.items())]
    if not entries:
        problems.append(Problem(path, 0, "there is no pair in it"))
    pairs = [(pair[0], pair[1]) for line, pair in entries if line not in wrong]
    return pairs, Rows(path, "row", len(entries), {MALFORMED: len(wrong)})
