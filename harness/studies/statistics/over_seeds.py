"""What seeds alone say of a contrast: Student's t over its value with each seed, on these same items.

Where all arms have the same seeds, one value a seed and k - 1 degrees of freedom. Where they do not, one for each block
of arms that share theirs, with Welch's standard error and the degrees of freedom of Satterthwaite, rounded down.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xharness.comparison.statistics import TOLERANCE
from xharness.studies.statistics.students_t import quantile, tail
from xharness.tasks.base import FloatArray


@dataclass(frozen=True)
class OverSeeds:
    """A mean over seeds, and how sure it is.

    Attributes:
        error: Standard error, in points.
        freedom: Degrees of freedom.
        unseen: What a bootstrap over so few seeds misses of their variance, in squared points: of each block 1 / k.
    """

    value: float
    error: float
    freedom: int
    unseen: float

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval."""
        half = quantile(0.975, self.freedom) * self.error
        return self.value - half, self.value + half

    def above(self, bound: float) -> float:
        """One-sided p of the claim that the true value is above a bound."""
        away = self.value - bound
        if self.error <= TOLERANCE:
            return 0.0 if away > TOLERANCE else 1.0
        return tail(away / self.error, self.freedom)

    def below(self, bound: float) -> float:
        """One-sided p of the claim that the true value is below a bound."""
        return OverSeeds(-self.value, self.error, self.freedom, self.unseen).above(-bound)


def over_seeds(blocks: Sequence[FloatArray]) -> OverSeeds | None:
    """The sum of the means of blocks of independent values, one a seed; None where a block has a single seed."""
    if any(len(block) < 2 for block in blocks):
        return None
    variances = [float(np.var(block, ddof=1)) / len(block) for block in blocks]
    total = sum(variances)
    uncertain = sum(each**2 / (len(block) - 1) for each, block in zip(variances, blocks, strict=True))
    freedom = int(total**2 / uncertain + TOLERANCE) if uncertain > 0 else sum(len(block) - 1 for block in blocks)
    unseen = sum(each / len(block) for each, block in zip(variances, blocks, strict=True))
    return OverSeeds(float(sum(block.mean() for block in blocks)), math.sqrt(total), max(1, freedom), unseen)
