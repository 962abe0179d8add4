"""HANS as it is published: one table of pairs with the heuristic that each is made against. McCoy et al. 2019."""

from __future__ import annotations

from pathlib import Path

from xharness.tasks.base import Split
from xharness.tasks.readers.records import NamedFilesReader, PublishedRecord, labelled_split, read_table
from xharness.tasks.types.text_classification import SentencePair

LABELS = ("entailment", "non-entailment")
HEURISTICS = ("lexical_overlap", "subsequence", "constituent")


class HansReader(NamedFilesReader):
    """``heuristics_evaluation_set.txt`` or ``.jsonl``: test only. Facts: ``heuristic``, ``subcase``, ``template``."""

    def names(self, split: str) -> tuple[str, ...]:
        """The published names."""
        return ("heuristics_evaluation_set.txt", "heuristics_evaluation_set.jsonl") if split == "test" else ()

    def parse(self, path: Path, split: str) -> Split:
        """See :meth:`NamedFilesReader.parse`."""
        return labelled_split(read_table(path), split, _pair)


def _pair(record: PublishedRecord) -> SentencePair:
    facts = {name: record.text(name) for name in ("heuristic", "subcase", "template")}
    if facts["heuristic"] and facts["heuristic"] not in HEURISTICS:
        record.report(f"heuristic '{facts['heuristic']}' is none of {', '.join(HEURISTICS)}")
    label = record.text("gold_label")
    if label and label not in LABELS:
        record.report(f"label '{label}' is neither {' nor '.join(LABELS)}")
    return SentencePair(record.name("pairID"), record.text("sentence1"), record.text("sentence2"), label or None, facts)
