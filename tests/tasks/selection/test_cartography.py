"""Data maps by hand-made numbers and against definitions written out; regions as subsets."""

from __future__ import annotations

import statistics
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xharness.tasks.common.errors import UserError
from xharness.tasks.selection.cartography import NEVER_LEARNED, CartographyOptions, DataMap, cartography, mapped
from xharness.tasks.selection.dynamics import FILE, TrainingDynamics
from xharness.tasks.selection.ids import write_ids
from xharness.tasks.selection.regions import Region, RegionOptions, select

NAN = float("nan")


def made(chances: list[list[float]]) -> TrainingDynamics:
    """Two answers, the first is right; its probability by pass and example, NaN where it was not seen."""
    chance = np.array(chances)
    logits = np.stack([np.log(chance), np.log(1 - chance)], axis=2).astype(np.float32)
    names = tuple(f"e{n}" for n in range(chance.shape[1]))
    return TrainingDynamics(names, np.zeros(len(names), np.int32), logits)


def test_the_measures_by_hand() -> None:
    found = mapped(made([[0.9, 0.2, 0.6, 0.1], [0.9, 0.2, 0.4, 0.9], [0.9, 0.2, 0.6, 0.2]]))
    assert found.confidence == pytest.approx([0.9, 0.2, 1.6 / 3, 0.4], abs=1e-6)
    assert found.variability[2] == pytest.approx(statistics.pstdev([0.6, 0.4, 0.6]), abs=1e-6)  # not by n - 1
    assert found.correctness.tolist() == [3, 0, 2, 1]
    assert found.forgetting.tolist() == [0, NEVER_LEARNED, 1, 1]
    assert found.closeness[0] == pytest.approx(0.09, abs=1e-6)


def test_a_burn_out_keeps_the_first_passes() -> None:
    dynamics = made([[0.9, 0.2], [0.1, 0.8], [0.1, 0.8]])
    assert mapped(dynamics, 1).confidence == pytest.approx([0.9, 0.2], abs=1e-6)
    assert mapped(dynamics, 1).passes == 1
    for wrong in (0, 4):
        with pytest.raises(UserError, match=f"--burn-out is {wrong}"):
            mapped(dynamics, wrong)


def test_an_example_counts_in_the_passes_that_came_to_it() -> None:
    found = mapped(made([[0.9, 0.8, NAN], [0.7, NAN, NAN]]))
    assert found.ids == ("e0", "e1")
    assert found.unseen == 1
    assert found.confidence == pytest.approx([0.8, 0.8], abs=1e-6)
    assert found.variability == pytest.approx([0.1, 0.0], abs=1e-6)
    assert found.correctness.tolist() == [2, 1]


def test_choices_that_a_question_lacks_have_no_probability() -> None:
    logits = np.array([[[0.0, 0.0, -np.inf], [1.0, 1.0, 1.0]]], dtype=np.float32)
    found = mapped(TrainingDynamics(("a", "b"), np.array([1, 0], np.int32), logits))
    assert found.confidence == pytest.approx([1 / 2, 1 / 3])
    assert found.correctness.tolist() == [0, 1]  # of equal logits the first counts


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=6), min_size=1, max_size=8))
def test_forgetting_is_every_step_from_right_to_wrong(trends: list[list[bool]]) -> None:
    width = max(map(len, trends))
    padded = [[*trend, *[trend[-1]] * (width - len(trend))] for trend in trends]
    found = mapped(made([[0.9 if right else 0.1 for right in column] for column in zip(*padded, strict=True)]))
    for trend, times in zip(padded, found.forgetting.tolist(), strict=True):
        steps = sum(before and not now for before, now in pairwise(trend))
        assert times == (steps if any(trend) else NEVER_LEARNED)


def a_map(confidence: list[float], variability: list[float], passes: int = 3) -> DataMap:
    names = tuple(f"e{n}" for n in range(len(confidence)))
    nothing = np.zeros(len(names), np.int64)
    return DataMap(names, np.array(confidence), np.array(variability), nothing, nothing, passes)


def chosen(found: DataMap, region: Region, share: float, both_ends: bool = False) -> list[str]:
    return select(found, RegionOptions(region=region, share=share, both_ends=both_ends))


def test_regions() -> None:
    found = a_map([0.1, 0.9, 0.5, 0.7, 0.3], [0.0, 0.1, 0.4, 0.2, 0.3])
    assert chosen(found, Region.HARD, 0.4) == ["e0", "e4"]
    assert chosen(found, Region.EASY, 0.4) == ["e1", "e3"]
    assert chosen(found, Region.AMBIGUOUS, 0.4) == ["e2", "e4"]
    assert chosen(found, Region.HARD, 1) == ["e0", "e1", "e2", "e3", "e4"]


def test_a_share_is_rounded_down_and_has_no_example_more() -> None:
    found = a_map([n / 100 for n in range(100)], [0.0] * 100)
    for share, count in ((0.29, 29), (0.33, 33), (0.3319, 33), (0.1667, 16), (1.0, 100)):
        assert len(chosen(found, Region.HARD, share)) == count
    for wrong in (0.0, -0.1, 1.1):
        with pytest.raises(UserError, match="--share is"):
            chosen(found, Region.HARD, wrong)
    with pytest.raises(UserError, match="takes no example"):
        chosen(found, Region.HARD, 0.001)


def test_both_ends_take_most_from_the_region() -> None:
    found = a_map([n / 100 for n in range(100)], [0.0] * 100)
    assert chosen(found, Region.HARD, 0.1, True) == [f"e{n}" for n in (*range(7), 97, 98, 99)]
    assert chosen(found, Region.EASY, 0.1, True) == [f"e{n}" for n in (*range(3), *range(93, 100))]


def test_equal_values_go_by_id_whatever_the_order_of_the_examples() -> None:
    found = a_map([0.5] * 6, [0.0] * 6)
    turned = DataMap(found.ids[::-1], *(found.confidence, found.variability), found.correctness, found.forgetting, 3)
    assert set(chosen(found, Region.HARD, 0.5)) == set(chosen(turned, Region.HARD, 0.5)) == {"e0", "e1", "e2"}


def test_what_cannot_be_selected() -> None:
    with pytest.raises(UserError, match="no example is ambiguous"):
        chosen(a_map([0.5], [0.0], passes=1), Region.AMBIGUOUS, 1)
    twice = DataMap(("a", "a"), np.zeros(2), np.zeros(2), np.zeros(2, np.int64), np.zeros(2, np.int64), 2)
    with pytest.raises(UserError, match="have the id 'a'"):
        chosen(twice, Region.HARD, 1)


def test_a_checkpoint_without_dynamics_and_a_suite(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no training dynamics"):
        cartography(CartographyOptions(checkpoint=tmp_path))
    (tmp_path / "mnli").mkdir()
    (tmp_path / "mnli" / FILE).write_bytes(made([[0.5]]).pack())
    with pytest.raises(UserError) as caught:
        cartography(CartographyOptions(checkpoint=tmp_path))
    assert str(tmp_path / "mnli") in caught.value.fix
    assert cartography(CartographyOptions(checkpoint=tmp_path / "mnli")).ids == ("e0",)


@pytest.mark.parametrize("name", ["", " a", "a\nb"])
def test_an_id_that_no_line_holds(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot be listed"):
        write_ids(tmp_path / "ids", ["b", name])
    assert not (tmp_path / "ids").exists()
