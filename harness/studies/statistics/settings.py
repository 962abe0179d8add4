"""How the statistics of a study are computed: declared before, the same for every number of it."""

from __future__ import annotations

from dataclasses import dataclass

from xharness.tasks.common.errors import UserError

LEAST_RESAMPLES = 2_000


@dataclass(frozen=True)
class Settings:
    """Numbers that every estimate and test of a study shares.

    Attributes:
        resamples: Replicates of the bootstrap, R.
        seed: Of the draws.
        alpha: Level of the tests, over a family after Holm's correction.
        paired_seeds: Arms with the same seeds share what a seed decides (initialisation, order of the data), so that
            seeds are drawn for all of them at once.
        same_items: Groups of tasks whose equal ids are the same items (a test set and its perturbed forms), so that
            items are drawn for all of them at once.
    """

    resamples: int = LEAST_RESAMPLES
    seed: int = 0
    alpha: float = 0.05
    paired_seeds: bool = True
    same_items: tuple[tuple[str, ...], ...] = ()

    def check(self, tests: int = 1) -> None:
        """Raise UserError for values that make no sense.

        Args:
            tests: Size of the largest family.
        """
        if not 0 < self.alpha < 1:
            raise UserError(f"alpha is {self.alpha}", "a level of significance is between 0 and 1", "for example 0.05")
        needed = max(LEAST_RESAMPLES, int(2 * tests / self.alpha))
        if self.resamples < needed:
            why = f"the p-values of a family of {tests} could not be small enough with so few"
            raise UserError(f"{self.resamples:,} resamples are too few", why, f"give {needed:,} or more")

    def group_of(self, task: str) -> str:
        """The first task of those that share their items with this one."""
        return next((group[0] for group in self.same_items if task in group), task)
