"""Sentences of two languages: Tatoeba (line by line) and BUCC (two corpora with pairs hidden in them)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.base import Bitext, Corpora, Format, Split
from tasks.errors import Problem
from tasks.formats import parse_gold
from tasks.readers.layout import FolderReader, Found, existing, search
from tasks.readers.lines import count, read_lines, table

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
        english, problems = _sentences(english_path)
        others, more = _sentences(other_path)
        problems += more
        if len(english) != len(others):
            what = f"{count(len(others), 'line')}, but {english_path.name} has {len(english)}"
            problems.append(Problem(other_path, min(len(english), len(others)) + 1, what))
        queries = [sentence.strip() for sentence in english]
        order = sorted(range(len(queries)), key=queries.__getitem__)
        gold: list[str] | None = None
        notes: tuple[str, ...] = ()
        if found.upstream:
            queries, gold = [queries[index] for index in order], [str(index) for index in order]
        elif order != list(range(len(queries))):
            notes = (f"{english_path.name} is not sorted, so it was not made by XTREME's preprocessing",)
        return Split([Bitext(tuple(queries), tuple(others))], gold, found.files, tuple(sorted(problems)), notes)


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
        gold = _gold_pairs(found.files[2], problems) if len(found.files) == 3 else None
        return Split([Corpora(source, target)], gold, found.files, tuple(sorted(problems)))


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


def _gold_pairs(path: Path, problems: list[Problem]) -> list[tuple[str, str]]:
    """The pairs of a gold file; a line that is no pair is a problem and left out."""
    parsed = parse_gold(Format.PAIRS, path)
    problems += parsed.problems
    pairs: Sequence[tuple[str, ...]] = parsed.answers
    for number, pair in zip(parsed.lines, pairs, strict=True):
        if len(pair) != 2:
            problems.append(Problem(path, number, f"{count(len(pair), 'column')} instead of 2"))
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]
