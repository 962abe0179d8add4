"""Quora Question Pairs as GLUE publishes them, and the JSON lines of other tools.

Encoding: first question, second question; ``1`` for a duplicate. Wang et al. 2018 (GLUE).
"""

from __future__ import annotations

from pathlib import Path

from xharness.tasks.base import Split
from xharness.tasks.readers.records import NO_LABEL, NamedFilesReader, PublishedRecord, labelled_split, read_table
from xharness.tasks.types.text_classification import SentencePair


class QqpReader(NamedFilesReader):
    """``train.tsv``, ``dev.tsv``, ``test.tsv``; quote marks are text. GLUE's few cut-off rows are left out."""

    def names(self, split: str) -> tuple[str, ...]:
        """GLUE's files, then JSON lines."""
        also = ("val.jsonl", "validation.jsonl") if split == "dev" else ()
        return f"QQP/{split}.tsv", f"{split}.tsv", f"{split}.jsonl", *also

    def parse(self, path: Path, split: str) -> Split:
        """See :meth:`NamedFilesReader.parse`."""
        return labelled_split(read_table(path, skip_short=True), split, _pair)


def _pair(record: PublishedRecord) -> SentencePair:
    value = record.value("is_duplicate", "label")
    label = None if isinstance(value, str | int | None) and value in NO_LABEL else str(value)
    if label not in (None, "0", "1"):
        record.report(f"label '{label}' is neither 0 nor 1")
    first = record.text("question1", "text_a", "sentence1")
    return SentencePair(record.name("id", "idx"), first, record.text("question2", "text_b", "sentence2"), label)
