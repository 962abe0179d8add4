"""What a hypothesis is about: sums of weighted scores of arms, and two functions of such sums.

``difference("anli", "mnli", Endpoint("xnli"))`` is a linear contrast; so are interactions, slopes, means of contrasts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

ENGLISH = "en"


class LanguageSet(StrEnum):
    """Languages of a task by what they are to the training, which is English; zero-shot: all others."""

    ALL = "all"
    ZERO_SHOT = "zero-shot"
    ENGLISH = "english"


Languages: TypeAlias = LanguageSet | tuple[str, ...]


def choose(languages: Languages, there: Sequence[str]) -> list[str]:
    """Those that are meant, in the order given: of a set those that are there, of a list all."""
    if isinstance(languages, tuple):
        return list(languages)
    english = languages is LanguageSet.ENGLISH
    return [name for name in there if languages is LanguageSet.ALL or (name == ENGLISH) is english]


@dataclass(frozen=True)
class Endpoint:
    """Where the score of an arm is read: the mean over languages, then over tasks.

    Attributes:
        target: What the arm was trained for last.
        task: What it was evaluated on; every task of the outcome if empty.
        score: Name of one of the metric's scores; its main one if empty.
    """

    target: str
    languages: Languages = LanguageSet.ALL
    task: str = ""
    score: str = ""


@dataclass(frozen=True)
class Term:
    """A weight, and the arm and endpoint whose score it goes with."""

    weight: float
    arm: str
    endpoint: Endpoint


@dataclass(frozen=True)
class Linear:
    """A sum of weighted scores."""

    terms: tuple[Term, ...]

    def scaled(self, factor: float) -> Linear:
        """Every weight times a number."""
        return Linear(tuple(replace(term, weight=factor * term.weight) for term in self.terms))


@dataclass(frozen=True)
class AgainstBest:
    """An arm minus the best of several, chosen anew in every replicate.

    Attributes:
        chosen_on: Where the best is chosen; the dev cells of the same runs, in English, if None.
    """

    arm: str
    candidates: tuple[str, ...]
    endpoint: Endpoint
    chosen_on: Endpoint | None = None


@dataclass(frozen=True)
class Crossing:
    """The size at which two lines over log10 of the size meet; undefined where that is outside of either's sizes."""

    first: tuple[tuple[str, float], ...]
    second: tuple[tuple[str, float], ...]
    endpoint: Endpoint


Contrast: TypeAlias = Linear | AgainstBest | Crossing


def value(arm: str, *endpoints: Endpoint) -> Linear:
    """The mean score of one arm over endpoints."""
    return Linear(tuple(Term(1 / len(endpoints), arm, endpoint) for endpoint in endpoints))


def mean_of(contrasts: Sequence[Linear]) -> Linear:
    """The mean, such as that of all arms of a kind."""
    return _total(each.scaled(1 / len(contrasts)) for each in contrasts)


def subtract(first: Linear, second: Linear) -> Linear:
    """The first minus the second: of two differences a difference in differences."""
    return _total((first, second.scaled(-1)))


def difference(arm: str, base: str, *endpoints: Endpoint) -> Linear:
    """One arm minus another."""
    return subtract(value(arm, *endpoints), value(base, *endpoints))


def interaction(both: str, first: str, second: str, neither: str, *endpoints: Endpoint) -> Linear:
    """Of a 2x2: what the first factor does with the second, minus what it does without."""
    return subtract(difference(both, second, *endpoints), difference(first, neither, *endpoints))


def transfer_gap(arm: str, endpoint: Endpoint) -> Linear:
    """English minus the mean of the other languages."""
    endpoints = (replace(endpoint, languages=languages) for languages in (LanguageSet.ENGLISH, LanguageSet.ZERO_SHOT))
    return subtract(*(value(arm, each) for each in endpoints))


def slope(sizes: Mapping[str, float], *endpoints: Endpoint) -> Linear:
    """Points gained with ten times as much: least squares over log10 of the size of each arm.

    Raises:
        ValueError: fewer than two sizes, or one that has no logarithm.
    """
    return _total(value(arm, *endpoints).scaled(weight) for arm, (_, weight) in line_weights(sizes).items())


def line_weights(sizes: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """By arm the weights with which its score enters the intercept and the slope of the line over log10 of the size."""
    if len(set(sizes.values())) < 2 or min(sizes.values()) <= 0:
        raise ValueError(f"a line needs two sizes above 0, not {sorted(sizes.values())}")
    logs = {arm: math.log10(size) for arm, size in sizes.items()}
    middle = sum(logs.values()) / len(logs)
    square = sum((log - middle) ** 2 for log in logs.values())
    slopes = {arm: (log - middle) / square for arm, log in logs.items()}
    return {arm: (1 / len(logs) - middle * each, each) for arm, each in slopes.items()}


def _total(contrasts: Iterable[Linear]) -> Linear:
    return Linear(tuple(term for contrast in contrasts for term in contrast.terms))
