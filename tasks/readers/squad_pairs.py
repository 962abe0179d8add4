"""SQuAD 1.1 as questions and the sentences that answer them: what LAReQA's models learn from.

The document of a question is the sentence in which its first answer begins and the whole paragraph, with nothing
between them and without newlines: so the reference writes it (google-research/xtreme, ``utils_lareqa.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from xharness.tasks.base import Rows, Split
from xharness.tasks.readers.lines import left_out
from xharness.tasks.readers.sentences import sentence_spans
from xharness.tasks.readers.squad_english import SquadReader
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.tasks.types.text_pairs import TextPair

NO_SENTENCE = "their first answer begins in no sentence"


@dataclass(frozen=True)
class SquadPairsReader(SquadReader):
    """The files of SQuAD 1.1."""

    def parse(self, path: Path, split: str) -> Split:
        """Read one file; questions whose answer begins between two sentences are left out and counted."""
        found = super().parse(path, split)
        if found.problems or found.gold is None:
            return replace(found, examples=[], gold=None)
        questions: Sequence[SpanQuestion] = found.examples
        pairs = [pair for question in questions if (pair := _pair(question))]
        lost = len(questions) - len(pairs)
        rows = Rows(path, "question", len(questions), {NO_SENTENCE: lost} if lost else {})
        return replace(found, examples=pairs, gold=[], notes=(*found.notes, *left_out((rows,))), rows=(rows,))


def _pair(question: SpanQuestion) -> TextPair | None:
    """A question and its document; None if its first answer begins in no sentence."""
    begins, context = question.answers[0][1] if question.answers else -1, question.context
    for start, end in _spans(context):
        if start <= begins < end:
            document = (context[start:end] + context).replace("\n", "").strip()
            return TextPair(question.id, question.question.strip(), document)
    return None


@lru_cache(maxsize=1)  # the questions of a paragraph follow each other
def _spans(context: str) -> list[tuple[int, int]]:
    return sentence_spans(context)
