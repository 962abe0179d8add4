"""HellaSwag: which of four endings continues a caption or a how-to text? Zellers et al. 2019.

Encoding: the first part of the context (``ctx_a``) is the premise; each choice is the opening of the last sentence
(``ctx_b``) with an ending. The WikiHow texts keep their marks ([header], [title], [step], [substeps]), as the endings
were written and filtered with them; ``source=activitynet`` selects the texts without.
"""

from __future__ import annotations

from pathlib import Path

from xharness.tasks.base import Split
from xharness.tasks.readers.records import NamedFilesReader, PublishedRecord, index_label, labelled_split, read_table
from xharness.tasks.types.multiple_choice import ChoiceQuestion

_CHOICES = ("0", "1", "2", "3")


class HellaswagReader(NamedFilesReader):
    """``hellaswag_<train|val|test>.jsonl``. Facts: ``source`` (activitynet, wikihow), ``split_type``."""

    def names(self, split: str) -> tuple[str, ...]:
        """Published names, then plain ones and parts of the published sets."""
        name = "val" if split == "dev" else split
        also = ("validation.jsonl", "dev.jsonl") if split == "dev" else ()
        return f"hellaswag_{name}.jsonl", f"{name}.jsonl", *also, f"{name}_*.jsonl"

    def parse(self, path: Path, split: str) -> Split:
        """See :meth:`NamedFilesReader.parse`."""
        return labelled_split(read_table(path), split, _question)


def _question(record: PublishedRecord) -> ChoiceQuestion:
    endings = record.value("endings")
    if not isinstance(endings, list) or len(endings) != 4 or not all(isinstance(text, str) for text in endings):
        record.report("'endings' is not a list of four texts")
        endings = []
    opening = record.value("ctx_b")
    if not isinstance(opening, str | None):
        record.report("'ctx_b' is not a text")
    facts = {}
    for key, value in (("source", record.value("source_id")), ("split_type", record.value("split_type"))):
        if isinstance(value, str) and value:
            facts[key] = value.partition("~")[0]
    choices = tuple(f"{opening or ''} {ending}".strip() for ending in endings)
    label = index_label(record, _CHOICES, "label")
    return ChoiceQuestion(record.name("ind"), record.text("ctx_a"), "", choices, label, facts)
