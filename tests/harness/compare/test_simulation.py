"""What p-values, intervals and detectable differences are worth; everything is seeded."""

import pytest

from tests.harness.compare.simulate import SETTINGS, Setting, covered, fired, fired_by_seed, power


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


def test_noise_between_seeds_is_no_regression() -> None:
    assert fired_by_seed(3, 300) <= 0.05
