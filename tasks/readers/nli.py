"""Natural language inference in English: SNLI, MultiNLI and Adversarial NLI, alone or together.

Encoding: premise (ANLI: context) first, hypothesis second. Bowman et al. 2015, Williams et al. 2018, Nie et al. 2020.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from xharness.tasks.base import Split
from xharness.tasks.readers.layout import search
from xharness.tasks.readers.records import NO_LABEL, PublishedRecord, labelled_split, read_table
from xharness.tasks.types.text_classification import SentencePair

LABELS = ("contradiction", "entailment", "neutral")

_SPELLINGS = {
    **{label: label for label in LABELS},
    "contradictory": "contradiction",
    "c": "contradiction", "e": "entailment", "n": "neutral",
    "0": "entailment", "1": "neutral", "2": "contradiction",
}  # fmt: skip
"""Words of the published sets, ANLI's letters, and the numbers that Hugging Face's copies of all three use."""


@dataclass(frozen=True)
class NliSource:
    """One data set: the file names of each split, the folders where plain names are its own, and its facts."""

    name: str
    published: Mapping[str, tuple[str, ...]]
    folders: tuple[str, ...] = ()
    plain: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    def find(self, folder: Path, split: str, *, alone: bool) -> tuple[Path, ...]:
        """The file of a split. Plain names (``train.jsonl``) count in its own folders only, unless it is ``alone``."""
        plain = self.plain.get(split, ())
        inside = [f"{own}/{name}" for own in self.folders for name in plain]
        return search(folder, *self.published.get(split, ()), *inside, *(plain if alone else ()))


SNLI = NliSource(
    "snli",
    {split: (f"snli_1.0_{split}.jsonl", f"snli_1.0_{split}.txt") for split in ("train", "dev", "test")},
    folders=("snli", "SNLI"),
    plain={split: (f"{split}.jsonl", f"{split}.tsv") for split in ("train", "dev", "test")},
)
MNLI = NliSource(
    "mnli",
    {
        "train": ("multinli_1.0_train.jsonl", "multinli_1.0_train.txt"),
        "dev": ("multinli_1.0_dev_matched.jsonl", "multinli_1.0_dev_matched.txt"),
        "dev_mismatched": ("multinli_1.0_dev_mismatched.jsonl", "multinli_1.0_dev_mismatched.txt"),
    },
    folders=("mnli", "MNLI"),
    plain={
        "train": ("train.jsonl", "train.tsv"),
        "dev": ("dev_matched.jsonl", "dev_matched.tsv", "val.jsonl", "dev.jsonl"),
        "dev_mismatched": ("dev_mismatched.jsonl", "dev_mismatched.tsv"),
        "test": ("test_matched.jsonl", "test_matched.tsv"),
    },
)
ANLI = tuple(
    NliSource(
        "anli", {split: (f"{round}/{split}.jsonl",) for split in ("train", "dev", "test")}, facts={"round": round}
    )
    for round in ("R1", "R2", "R3")
)


@dataclass(frozen=True)
class NliReader:
    """One or several sources as one set; ids then begin with the source, and with the round of ANLI.

    Facts: ``source``, ANLI's ``round``, and ``genre`` where the file gives it. Pairs whose annotators did not agree
    (``-``) are left out and counted.
    """

    sources: tuple[NliSource, ...]

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files of all sources that are there. Reads nothing."""
        return tuple(path for _, path in self._found(folder, split)) if language == "en" else ()

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:  # noqa: ARG002
        """Read all sources that are there; the notes name those that are not. ``keep_csv_quotes`` changes nothing here.

        Where some sources have labels and others (MultiNLI's test set) have none, only those with labels are read.

        Raises:
            FileNotFoundError: none of the sources is there.
        """
        found = self._found(folder, split) if language == "en" else []
        if not found:
            raise FileNotFoundError(f"no {split} files for '{language}' in {folder}")
        parts = [self._part(source, path, split) for source, path in found]
        if any(part.gold for part in parts):
            parts = [part for part in parts if part.gold or part.problems]
        there = [source for source, _ in found]
        missing = [self._title(source) for source in self.sources if source not in there]
        notes = [note for part in parts for note in part.notes]
        if missing:
            notes.insert(0, f"no {split} files of {', '.join(missing)}: this set is without them")
        gold = [label for part in parts for label in part.gold or ()]
        return Split(
            [example for part in parts for example in part.examples],
            gold or None,
            tuple(path for part in parts for path in part.files),
            tuple(problem for part in parts for problem in part.problems),
            tuple(notes),
            tuple(rows for part in parts for rows in part.rows),
        )

    def _found(self, folder: Path, split: str) -> list[tuple[NliSource, Path]]:
        alone = len(self.sources) == 1
        return [(source, path) for source in self.sources for path in source.find(folder, split, alone=alone)]

    def _part(self, source: NliSource, path: Path, split: str) -> Split:
        """One source; ids stay unique within the whole."""
        facts = {"source": source.name, **source.facts}
        part = labelled_split(read_table(path), split, lambda record: _pair(record, facts))
        if len(self.sources) == 1:
            return part
        prefix = self._title(source)
        return replace(part, examples=[replace(pair, id=f"{prefix}-{pair.id}") for pair in _pairs(part)])

    @staticmethod
    def _title(source: NliSource) -> str:
        return "-".join((source.name, *source.facts.values()))


def label_of(value: object) -> str | None:
    """The label behind any published spelling; None for none, the value itself if it is not a label."""
    if value in NO_LABEL:
        return None
    return _SPELLINGS.get(str(value).strip().lower(), str(value))


def _pairs(part: Split) -> list[SentencePair]:
    return [example for example in part.examples if isinstance(example, SentencePair)]


def _pair(record: PublishedRecord, facts: Mapping[str, str]) -> SentencePair:
    value = record.value("gold_label", "label")
    label = label_of(value) if isinstance(value, str | int | None) else str(value)
    if label is not None and label not in LABELS:
        record.report(f"label '{label}' is none of {', '.join(LABELS)}")
    genre = record.value("genre")
    more = {"genre": genre} if isinstance(genre, str) and genre else {}
    return SentencePair(
        record.name("pairID", "uid", "id"),
        record.text("sentence1", "premise", "context"),
        record.text("sentence2", "hypothesis"),
        label,
        {**facts, **more},
    )
