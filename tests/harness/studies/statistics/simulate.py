"""What the verdicts and intervals of a study are worth, by simulation.

``python -m tests.harness.studies.statistics.simulate`` prints them.

Arms answer items of known difficulty; every run has a rate of its own, because training is noisy. Without a true
difference a hypothesis should be supported in at most 5 % of all studies, and where the true difference is the smallest
effect of interest (0 here), it should be "not supported" in at most 2.5 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.harness.comparison.made import right, source
from xharness.studies.statistics.contrasts import Endpoint, difference
from xharness.studies.statistics.judge import Hypothesis, Judgement, judge
from xharness.studies.statistics.outcome import Outcome, RunName
from xharness.studies.statistics.settings import Settings
from xharness.studies.statistics.verdicts import Direction, Verdict, wider_interval

TASK, BASE = "tatoeba", "none"
ENDPOINT = Endpoint(TASK)


@dataclass(frozen=True)
class Setting:
    """A study of some arms against one without anything.

    Attributes:
        noise: Standard deviation of the rate of a run, in points.
        paired: The same seed moves all arms alike, by as much again.
    """

    seeds: int
    noise: float
    size: int = 300
    paired: bool = True

    def __str__(self) -> str:
        return f"{self.seeds} seeds, {self.noise:g} points apart{'' if self.paired else ', not paired'}"


SETTINGS = (
    Setting(2, 5.0),
    Setting(3, 5.0),
    Setting(3, 5.0, paired=False),
    Setting(5, 5.0),
    Setting(3, 0.0),
)


def outcomes(generator: np.random.Generator, setting: Setting, effects: Mapping[str, float]) -> dict[RunName, Outcome]:
    """One study; the base has no effect.

    Args:
        effects: By arm how much better it truly is, in points.
    """
    rate = generator.choice([0.85, 0.45], setting.size)
    common = setting.noise * generator.standard_normal(setting.seeds) * setting.paired
    runs = {}
    for place, (arm, effect) in enumerate({BASE: 0.0, **effects}.items()):
        for seed in range(setting.seeds):
            points = effect + common[seed] + setting.noise * generator.standard_normal()
            hits = generator.random(setting.size) < rate + points / 100
            name = seed if setting.paired else 100 * place + seed
            runs[arm, TASK, name] = Outcome(source(arm, {(TASK, "de"): right(hits)}))
    return runs


def judged(runs: Mapping[RunName, Outcome], arms: Sequence[str], number: int, smallest: float = 0.0) -> list[Judgement]:
    """That each arm is better than the base; one family."""
    claims = [Hypothesis(arm, difference(arm, BASE, ENDPOINT), Direction.GREATER, smallest) for arm in arms]
    return judge(claims, runs, Settings(seed=number))


@dataclass(frozen=True)
class Worth:
    """Shares of studies.

    Attributes:
        supported: With a verdict that at least one arm is better.
        refuted: In which a hypothesis is "not supported".
        bootstrap: In which p of the multi-bootstrap alone is at most 5 %.
        covered: Whose interval of the bootstrap, over seeds, and the wider of both, holds the truth.
    """

    supported: float
    refuted: float
    bootstrap: float
    covered: tuple[float, float, float]


def worth(setting: Setting, trials: int, effect: float = 0.0, arms: int = 1, smallest: float = 0.0) -> Worth:
    """What verdicts say when all arms are truly better by ``effect`` points."""
    generator = np.random.default_rng([setting.seeds, int(10 * setting.noise), arms])
    names = [f"arm{number}" for number in range(arms)]
    found = [
        judged(outcomes(generator, setting, dict.fromkeys(names, effect)), names, trial, smallest)
        for trial in range(trials)
    ]
    first = [each[0] for each in found]
    return Worth(
        supported=float(np.mean([any(j.verdict is Verdict.SUPPORTED for j in each) for each in found])),
        refuted=float(np.mean([any(j.verdict is Verdict.NOT_SUPPORTED for j in each) for each in found])),
        bootstrap=float(np.mean([(each.p or 0) <= 0.05 for each in first])),
        covered=_covered(first, effect),
    )


def _covered(found: Sequence[Judgement], truth: float) -> tuple[float, float, float]:
    held = []
    for each in found:
        assert each.estimate is not None and each.estimate.interval is not None and each.estimate.over_seeds is not None
        intervals = (each.estimate.interval, each.estimate.over_seeds.interval, wider_interval(each.estimate))
        held.append([low <= truth <= high for low, high in intervals])
    bootstrap, seeds, wider = np.mean(held, axis=0)
    return float(bootstrap), float(seeds), float(wider)


def power(setting: Setting, trials: int) -> tuple[float, float]:
    """The difference that a study says it would find in 80 %, and how often it is found."""
    generator = np.random.default_rng([setting.seeds, int(10 * setting.noise)])
    said = [judged(outcomes(generator, setting, {"arm": 0.0}), ["arm"], n)[0].detectable or 0.0 for n in range(40)]
    effect = float(np.sqrt(np.mean(np.square(said))))
    return effect, worth(setting, trials, effect).supported


def main(trials: int = 800) -> None:
    """Print everything as the tables of docs/studies/statistics.md."""
    held = "held: bootstrap | over seeds | both"
    print(f"| study | supported | by the bootstrap alone | not supported | {held} |\n|{' --- |' * 7}")
    for setting in SETTINGS:
        null = worth(setting, trials)
        shares = (null.supported, null.bootstrap, null.refuted, *null.covered)
        print(f"| {setting} | {' | '.join(f'{share:.1%}' for share in shares)} |", flush=True)
    any_of_four = worth(SETTINGS[1], trials // 2, arms=4).supported
    least = worth(SETTINGS[1], trials // 2, effect=2.0, smallest=2.0).refuted
    print(f"\n4 arms, {SETTINGS[1]}: any supported in {any_of_four:.1%}")
    print(f"{SETTINGS[1]}, a true difference of the smallest effect: not supported in {least:.1%}")
    print("\n| study | detectable, in points | found |\n| --- | ---: | ---: |")
    for setting in SETTINGS:
        effect, found = power(setting, 3 * trials // 8)
        print(f"| {setting} | {effect:.1f} | {found:.0%} |", flush=True)


if __name__ == "__main__":
    main()
