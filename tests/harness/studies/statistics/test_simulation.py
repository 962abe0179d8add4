"""What verdicts, intervals and detectable differences of a study are worth; everything is seeded."""

import pytest

from tests.harness.studies.statistics.simulate import Setting, power, worth


@pytest.mark.parametrize("setting", [Setting(2, 5.0), Setting(3, 5.0), Setting(3, 5.0, paired=False)], ids=str)
def test_few_noisy_seeds_support_nothing_that_is_not_there(setting: Setting) -> None:
    """By the bootstrap alone they would, twice as often as 5 %; its interval alone is too narrow."""
    found = worth(setting, 250)
    assert 0.01 <= found.supported <= 0.08
    assert found.bootstrap >= 0.065
    bootstrap, _, wider = found.covered
    assert bootstrap <= 0.94
    assert wider >= 0.93


def test_a_family_of_four_arms_is_held_to_its_level() -> None:
    assert worth(Setting(3, 5.0), 150, arms=4).supported <= 0.08


def test_the_smallest_effect_of_interest_is_rarely_refuted() -> None:
    assert worth(Setting(3, 5.0), 200, effect=2.0, smallest=2.0).refuted <= 0.05


@pytest.mark.parametrize("setting", [Setting(3, 5.0), Setting(5, 5.0)], ids=str)
def test_the_detectable_difference_is_found_in_80_percent_or_more(setting: Setting) -> None:
    assert 0.75 <= power(setting, 150)[1] <= 0.97
