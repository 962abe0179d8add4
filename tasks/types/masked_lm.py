"""Masked language modelling: text that is only trained on. It has no answers, so nothing is parsed or scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from xharness.tasks.types.base import GoldFile, Line, TaskType, View
from xharness.tasks.types.findings import Expected, Finding, PredictionFile


class MaskedLm(TaskType[str, None, None]):
    """Lines of text."""

    name = "masked_lm"
    title = "masked language modelling"
    example = str
    per_language = True

    def parse_answers(self, path: Path) -> NoReturn:
        """There are none."""
        raise TypeError(f"{path}: text has no answers")

    parse_gold = parse_answers

    def render(self, _answers: None) -> str:
        """Nothing."""
        return ""

    def first(self, examples: Sequence[str], gold: None, limit: int) -> tuple[Sequence[str], None]:
        """See :meth:`TaskType.first`."""
        return examples[:limit], gold

    def take(self, examples: Sequence[str], gold: None, places: Sequence[int]) -> tuple[list[str], None]:
        """See :meth:`TaskType.take`."""
        return [examples[place] for place in places], gold

    def gold_problems(self, _gold: GoldFile[str, None]) -> Iterator[Line]:
        """None."""
        return iter(())

    def expected_of_gold(self, _gold: None, source: str) -> Expected:
        """Nothing is expected."""
        return Expected(None, source)

    def findings(self, _file: PredictionFile[None]) -> Iterator[Finding]:
        """None."""
        return iter(())

    def view(self, _examples: Sequence[str], _gold: None) -> View[None]:
        """There are no items."""
        raise TypeError("text has no items to show")


MASKED_LM = MaskedLm()
