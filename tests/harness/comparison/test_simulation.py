"""What p-values, intervals and detectable differences are worth; everything is seeded."""

import pytest

from tests.harness.comparison.simulate import (
    SETTINGS,
    Setting,
    covered,
    covered_by_seed,
    fired,
    fired_by_seed,
    power,
    ranked,
)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_gate_fires_at_its_level_without_a_difference(setting: Setting) -> None:
    assert 0.03 <= fired(setting, 1000) <= 0.07


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_intervals_hold_the_true_difference(setting: Setting) -> None:
    assert 0.93 <= covered(setting, 500) <= 0.97


def test_the_detectable_difference_is_found_in_80_percent_and_falls_with_the_root_of_the_items() -> None:
    found = {size: power(size, 300) for size in (250, 1000, 4000)}
    assert all(0.72 <= share <= 0.88 for _, share in found.values())
    assert found[250][0] == pytest.approx(2 * found[1000][0], rel=0.1)
    assert found[1000][0] == pytest.approx(2 * found[4000][0], rel=0.1)


@pytest.mark.parametrize("count", [2, 3])
def test_noise_between_seeds_fires_the_gate_at_its_level(count: int) -> None:
    assert 0.02 <= fired_by_seed(count, 300) <= 0.09


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.06])
@pytest.mark.parametrize("count", [2, 5])
def test_intervals_over_seeds_hold_the_true_difference(count: int, noise: float) -> None:
    """93 to 98 %, as far as 300 trials can tell."""
    assert 0.90 <= covered_by_seed(count, noise, 300) <= 0.995


def test_ranks_hold_the_true_one_and_equal_models_are_tied() -> None:
    held, tied = ranked((0.7, 0.7, 0.7, 0.7), 300)
    assert held >= 0.93
    assert 0.92 <= tied <= 0.98
    assert ranked((0.72, 0.70, 0.69, 0.65), 300)[0] >= 0.93
