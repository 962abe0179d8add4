"""What types have in common that models are trained on and that have no answers, so nothing is parsed or scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from xharness.tasks.types.base import ExampleT, GoldFile, Line, TaskType, View
from xharness.tasks.types.findings import Expected, Finding, PredictionFile


class TrainedOnly(TaskType[ExampleT, object, None]):
    """A type without answers. What an example is to be told by is in the example."""

    def parse_answers(self, path: Path) -> NoReturn:
        """There are none."""
        raise TypeError(f"{path}: {self.title} has no answers")

    parse_gold = parse_answers

    def render(self, _answers: None) -> str:
        """Nothing."""
        return ""

    def first(self, examples: Sequence[ExampleT], gold: object, limit: int) -> tuple[Sequence[ExampleT], object]:
        """See :meth:`TaskType.first`."""
        return examples[:limit], gold

    def take(self, examples: Sequence[ExampleT], gold: object, places: Sequence[int]) -> tuple[list[ExampleT], object]:
        """See :meth:`TaskType.take`."""
        return [examples[place] for place in places], gold

    def gold_problems(self, _gold: GoldFile[ExampleT, object]) -> Iterator[Line]:
        """None."""
        return iter(())

    def expected_of_gold(self, _gold: object, source: str) -> Expected:
        """Nothing is expected."""
        return Expected(None, source)

    def findings(self, _file: PredictionFile[None]) -> Iterator[Finding]:
        """None."""
        return iter(())

    def view(self, _examples: Sequence[ExampleT], _gold: object) -> View[None]:
        """There are no items."""
        raise TypeError(f"{self.title} has no items to show")
