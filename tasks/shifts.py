"""Shifts of domain in order: where a model is at home, and where its test data come from then."""

from __future__ import annotations

from dataclasses import dataclass

from xharness.tasks.shifted.mnli_genres import SEEN, UNSEEN


@dataclass(frozen=True)
class Shift:
    """One kind of question, asked of data from further and further away.

    Attributes:
        home: Tasks whose English mean is the score at home.
        steps: Tasks of each step away, nearest first.
    """

    name: str
    home: tuple[str, ...]
    steps: tuple[tuple[str, ...], ...]


SHIFTS = (
    Shift("inference-genres", tuple(f"mnli-{genre}" for genre in SEEN), (tuple(f"mnli-{genre}" for genre in UNSEEN),)),
    Shift("inference-adversaries", ("xnli",), (("anli-r1",), ("anli-r2",), ("anli-r3",))),
    Shift("questions", ("squad-dev",), (("tydiqa",), ("mlqa",))),
    Shift("parts-of-speech", ("udpos-ewt",), (("udpos-gum",), ("udpos-partut", "udpos-lines"), ("udpos-pud",))),
)
