"""What verdicts, intervals and detectable differences of a study are worth; everything is seeded."""

import pytest

from tests.harness.studies.statistics.simulate import Setting, power, worth


@pytest.mark.parametrize("setting", [Setting(2, 5.0), Setting(3, 5.0)], ids=str)
def test_few_noisy_seeds_support_nothing_that_is_not_there(setting: Setting) -> None:
    """By the bootstrap alone they would, more often than in 5 %, and its interval alone is too narrow."""
    found = worth(setting, 250)
    assert 0.01 <= found.supported <= 0.06
    assert found.bootstrap >= 0.065
    bootstrap, _, both = found.covered
    assert bootstrap <= 0.93
    assert 0.93 <= both <= 0.99


def test_arms_with_seeds_of_their_own() -> None:
    found = worth(Setting(3, 5.0, paired=False), 150)
    assert found.supported <= 0.06
    assert found.covered[2] >= 0.95


def test_a_family_of_four_arms_is_held_to_its_level() -> None:
    assert worth(Setting(3, 5.0), 150, arms=4).supported <= 0.06


def test_the_smallest_effect_of_interest_is_rarely_refuted() -> None:
    assert worth(Setting(3, 5.0), 200, effect=2.0, smallest=2.0).refuted <= 0.05


@pytest.mark.parametrize("setting", [Setting(3, 5.0), Setting(5, 5.0)], ids=str)
def test_the_detectable_difference_is_found_in_about_80_percent(setting: Setting) -> None:
    assert 0.70 <= power(setting, 150)[1] <= 0.92
