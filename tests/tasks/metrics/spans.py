"""Scores of one answer."""

from xharness.tasks.metrics.squad import SquadScore
from xharness.tasks.types.extractive_qa import QuestionGold


def squad(answer: str, *golds: str, language: str = "en") -> dict[str, float]:
    gold = [QuestionGold("q", golds, "p")]
    items = SquadScore().measure(gold, {"q": answer}, language)
    return {name: float(value) for name, value in SquadScore().aggregate(items.statistics[0]).items()}
