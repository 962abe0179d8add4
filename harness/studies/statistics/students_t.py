"""Student's t for whole degrees of freedom, exactly (Abramowitz and Stegun 26.7.3 and 26.7.4)."""

from __future__ import annotations

import math
from statistics import NormalDist

_LARGE = 1_000  # degrees of freedom from which the normal distribution is as good


def tail(t: float, freedom: int) -> float:
    """Probability of a value of at least ``t``."""
    if freedom >= _LARGE:
        return NormalDist().cdf(-t)
    within = _within(abs(t), freedom)
    return (1 - within) / 2 if t >= 0 else (1 + within) / 2


def quantile(probability: float, freedom: int) -> float:
    """The value below which this share lies, by bisection; ``probability`` is in [0.5, 1)."""
    low, high = 0.0, 1.0
    while tail(high, freedom) > 1 - probability:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle, freedom) > 1 - probability else (low, middle)
    return high


def _within(t: float, freedom: int) -> float:
    """Probability of a value between -t and t."""
    angle = math.atan(t / math.sqrt(freedom))
    square, odd = math.cos(angle) ** 2, freedom % 2
    term = total = math.cos(angle) if odd else 1.0
    for step in range(2 + odd, freedom - 1, 2):
        term *= square * (step - 1) / step
        total += term
    if not odd:
        return math.sin(angle) * total
    return 2 / math.pi * (angle + math.sin(angle) * total if freedom > 1 else angle)
