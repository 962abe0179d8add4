"""Options of span answering, apart from the code that needs torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SpanOptions:
    """Options of span answering; the defaults are the reference's.

    Attributes:
        max_length: Window in word pieces, question and special tokens included.
        doc_stride: Pieces from the start of one window to the next.
        max_question_length: Pieces that are kept of a question.
        max_answer_length: Longest answer in pieces.
        best: Starts and ends that are combined.
        no_answer_threshold: For heads trained on SQuAD 2.0: answer nothing if the score of position 0 exceeds the best
            span's by more than this; None never answers nothing.
    """

    max_length: int = 384
    doc_stride: int = 128
    max_question_length: int = 64
    max_answer_length: int = 30
    best: int = 20
    no_answer_threshold: float | None = None
