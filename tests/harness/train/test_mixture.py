"""Mixtures: the stated distribution, every unit once a pass, and any step at any time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.train.mixtures import options
from xharness.tasks.common.errors import UserError
from xharness.train.mixture import MEGA_BATCH, Mixture
from xharness.train.mixture_options import language_probabilities, probabilities

SIZES = {"squad": 87_599, "mnli": 392_702, "csqa": 9_741}
CRITICAL = {1: 10.83, 2: 13.82}  # of chi-square at p = 0.001, by degrees of freedom
Drawn = list[tuple[str, int]]


def all_steps(mixture: Mixture, steps: int) -> list[Drawn]:
    return [mixture.step(number) for number in range(steps)]


def units_of(steps: list[Drawn], task: str) -> list[int]:
    return [unit for step in steps for name, unit in step if name == task]


def chi_square(counts: Mapping[str, int], expected: Mapping[str, float]) -> float:
    total = sum(counts.values())
    return sum((counts[name] - total * p) ** 2 / (total * p) for name, p in expected.items() if p)


# --- the distribution ------------------------------------------------------------------------------------------------


def test_probabilities() -> None:
    total = sum(SIZES.values())
    assert probabilities(SIZES, options(strategy="proportional")) == {n: s / total for n, s in sorted(SIZES.items())}
    capped = probabilities(SIZES, options(strategy="capped"))
    assert capped == pytest.approx({"csqa": 9_741 / 228_412, "mnli": 131_072 / 228_412, "squad": 87_599 / 228_412})
    assert probabilities(SIZES, options(strategy="capped", cap=1)) == pytest.approx(dict.fromkeys(SIZES, 1 / 3))
    roots = {name: math.sqrt(size) for name, size in SIZES.items()}
    expected = {name: root / sum(roots.values()) for name, root in roots.items()}
    assert probabilities(SIZES, options(strategy="temperature", temperature=2)) == pytest.approx(expected)
    assert probabilities(SIZES, options(strategy="temperature", temperature=1e-3))["mnli"] == pytest.approx(1)
    assert probabilities(SIZES, options(strategy="uniform")) == pytest.approx(dict.fromkeys(SIZES, 1 / 3))
    weights = {"squad": 3, "mnli": 1, "csqa": 0}
    assert probabilities(SIZES, options(strategy="weights", weights=weights)) == {
        "csqa": 0.0,
        "mnli": 0.25,
        "squad": 0.75,
    }


def test_language_sampling() -> None:
    sizes = {"en": 10_000, "sw": 100}
    assert language_probabilities(sizes, 1) == pytest.approx({"en": 100 / 101, "sw": 1 / 101})
    assert language_probabilities(sizes, 0.5) == pytest.approx({"en": 10 / 11, "sw": 1 / 11})
    assert language_probabilities(sizes, 0) == {"en": 0.5, "sw": 0.5}
    for alpha in (-0.1, 1.1, math.nan):
        with pytest.raises(UserError, match="exponent"):
            language_probabilities(sizes, alpha)


STATED = [
    {"strategy": "proportional"},
    {"strategy": "capped"},
    {"strategy": "temperature", "temperature": 5.0},
    {"strategy": "uniform"},
    {"strategy": "weights", "weights": {"squad": 1, "mnli": 10, "csqa": 20}},
]


@pytest.mark.parametrize("homogeneous", [True, False])
@pytest.mark.parametrize("stated", STATED, ids=lambda stated: stated["strategy"])
def test_drawn_frequencies_match_the_stated_distribution(stated: dict[str, Any], homogeneous: bool) -> None:
    chosen = options(homogeneous=homogeneous, **stated)
    steps, batch_size = (20_000, 1) if homogeneous else (2_000, 10)
    for seed in range(3):
        mixture = Mixture(SIZES, chosen, batch_size=batch_size, steps=steps, seed=seed)
        assert chi_square(mixture.visits, probabilities(SIZES, chosen)) < CRITICAL[2]
    drawn = Counter(name for step in all_steps(mixture, steps) for name, _ in step)
    assert drawn == mixture.visits


def test_draws_are_independent_of_the_draw_before() -> None:
    mixture = Mixture({"a": 5, "b": 5}, options(), batch_size=1, steps=20_000, seed=1)
    names = [step[0][0] for step in all_steps(mixture, 20_000)]
    pairs = Counter("".join(pair) for pair in pairwise(names))
    assert chi_square(pairs, dict.fromkeys(("aa", "ab", "ba", "bb"), 0.25)) < 16.27


# --- passes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("homogeneous", [True, False])
@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 500), batch_size=st.integers(1, 40), seed=st.integers(0, 9))
def test_one_task_is_plain_epochs(grouped: bool, homogeneous: bool, size: int, batch_size: int, seed: int) -> None:
    steps = 3 * size // batch_size + 2
    mixture = Mixture(
        {"only": size},
        options(grouped=grouped, homogeneous=homogeneous),
        batch_size=batch_size,
        steps=steps,
        seed=seed,
        lengths={"only": [index * 7919 % 101 for index in range(size)]},
    )
    stream = units_of(all_steps(mixture, steps), "only")
    assert len(stream) == steps * batch_size
    for start in range(0, len(stream) - size + 1, size):
        assert sorted(stream[start : start + size]) == list(range(size))
    rest = stream[len(stream) // size * size :]
    assert len(set(rest)) == len(rest)


@pytest.mark.parametrize("grouped", [True, False])
def test_every_pass_has_its_own_order(grouped: bool) -> None:
    mixture = Mixture(
        {"only": 400},
        options(grouped=grouped),
        batch_size=4,
        steps=300,
        seed=3,
        lengths={"only": [1] * 400},
    )
    stream = units_of(all_steps(mixture, 300), "only")
    passes = [tuple(stream[start : start + 400]) for start in (0, 400, 800)]
    assert len({*passes, tuple(range(400))}) == 4
    follows = [b - a for order in passes for a, b in pairwise(order)]
    assert abs(np.mean([step > 0 for step in follows]) - 0.5) < 0.06


def test_all_orders_are_as_likely() -> None:
    orders = Counter(
        "".join(str(unit) for _, unit in Mixture({"t": 3}, options(), batch_size=3, steps=1, seed=seed).step(0))
        for seed in range(3000)
    )
    assert chi_square(orders, dict.fromkeys(("012", "021", "102", "120", "201", "210"), 1 / 6)) < 20.52


def test_members_of_a_mixture_are_visited_pass_by_pass() -> None:
    sizes = {"a": 7, "b": 23, "c": 50}
    for homogeneous in (True, False):
        mixture = Mixture(sizes, options(strategy="uniform", homogeneous=homogeneous), batch_size=8, steps=100, seed=5)
        steps = all_steps(mixture, 100)
        for name, size in sizes.items():
            stream = units_of(steps, name)
            whole = len(stream) // size * size
            assert whole
            assert all(sorted(stream[i : i + size]) == list(range(size)) for i in range(0, whole, size))


@pytest.mark.parametrize("homogeneous", [True, False])
def test_another_task_leaves_the_order_of_units_alone(homogeneous: bool) -> None:
    def stream(sizes: dict[str, int]) -> list[int]:
        mixture = Mixture(sizes, options(homogeneous=homogeneous), batch_size=5, steps=60, seed=2)
        return units_of(all_steps(mixture, 60), "b")

    alone, together, elsewhere = stream({"b": 30}), stream({"a": 20, "b": 30}), stream({"c": 9, "b": 30, "a": 20})
    assert len(elsewhere) < len(together) < len(alone)
    assert together == alone[: len(together)]
    assert elsewhere == alone[: len(elsewhere)]


# --- steps -----------------------------------------------------------------------------------------------------------


def test_homogeneous_steps_hold_one_task_and_mixed_ones_several() -> None:
    def kinds(homogeneous: bool) -> list[int]:
        chosen = options(strategy="uniform", homogeneous=homogeneous)
        steps = all_steps(Mixture(SIZES, chosen, batch_size=16, steps=50, seed=0), 50)
        assert {len(step) for step in steps} == {16}
        return [len({name for name, _ in step}) for step in steps]

    assert kinds(True) == [1] * 50
    assert np.mean(kinds(False)) > 2.9


@pytest.mark.parametrize("how", [{}, {"homogeneous": False}, {"grouped": True}], ids=str)
def test_any_step_at_any_time(how: dict[str, Any]) -> None:
    sizes, lengths = {"a": 11, "b": 64}, {"a": list(range(11)), "b": list(range(64))}

    def mixture() -> Mixture:
        return Mixture(sizes, options(**how), batch_size=6, steps=200, seed=4, lengths=lengths)

    sequential, again = mixture(), mixture()
    steps = all_steps(sequential, 200)
    order = np.random.default_rng(0).permutation(200)
    assert {int(n): again.step(int(n)) for n in order} == dict(enumerate(steps))
    assert mixture().step(199) == steps[199]
    assert all(isinstance(unit, int) and isinstance(name, str) for name, unit in steps[0])


def test_the_seed_and_nothing_else_decides() -> None:
    def steps(sizes: dict[str, int], seed: int, number: int = 40) -> list[Drawn]:
        return all_steps(Mixture(sizes, options(), batch_size=3, steps=number, seed=seed), min(number, 40))

    sizes = {"a": 11, "b": 64}
    assert steps(sizes, 1) == steps(dict(reversed(sizes.items())), 1)
    assert steps(sizes, 1) == steps(sizes, 1, number=70)  # a longer training starts the same
    assert steps(sizes, 1) != steps(sizes, 2)
    names = [[step[0][0] for step in steps(sizes, seed)] for seed in (1, 2)]
    assert names[0] != names[1]


def test_the_sequence_is_the_same_on_every_machine() -> None:
    mixture = Mixture({"a": 9, "b": 9}, options(homogeneous=False), batch_size=4, steps=2, seed=42)
    drawn = [f"{name}{unit}" for number in (0, 1) for name, unit in mixture.step(number)]
    assert drawn == ["b4", "b3", "a2", "b2", "a4", "b0", "b8", "b7"]


def test_few_orders_are_kept_in_memory() -> None:
    mixture = Mixture({"a": 10, "b": 10}, options(homogeneous=False), batch_size=8, steps=100, seed=0)
    all_steps(mixture, 100)
    assert len(mixture._passes) == 4


def test_no_step_beyond_the_last() -> None:
    mixture = Mixture({"a": 9}, options(), batch_size=4, steps=2, seed=0)
    for number in (-1, 2):
        with pytest.raises(IndexError):
            mixture.step(number)


# --- grouping --------------------------------------------------------------------------------------------------------


def test_grouping_saves_padding() -> None:
    rng = np.random.default_rng(0)
    size, batch_size = 10_007, 16
    lengths = rng.integers(5, 128, size)

    def padding(grouped: bool) -> float:
        steps = 2 * size // batch_size
        mixture = Mixture(
            {"t": size},
            options(grouped=grouped),
            batch_size=batch_size,
            steps=steps,
            seed=1,
            lengths={"t": lengths.tolist()},
        )
        batches = [lengths[[unit for _, unit in step]] for step in all_steps(mixture, steps)]
        firsts = np.array([batch.max() for batch in batches])
        assert abs(np.corrcoef(firsts[:-1], firsts[1:])[0, 1]) < 0.1  # batches come in random order
        return 1 - float(sum(batch.sum() for batch in batches) / sum(batch.max() * batch_size for batch in batches))

    assert padding(grouped=True) < 0.05 < 0.4 < padding(grouped=False)


def test_a_batch_comes_from_one_mega_batch() -> None:
    size, batch_size = 3 * MEGA_BATCH * 2, 2
    one = {"lengths": {"t": [1] * size}, "batch_size": batch_size, "steps": size // batch_size, "seed": 1}
    two = one | {"lengths": {"t": list(range(size))}}
    flat = units_of(all_steps(Mixture({"t": size}, options(), **one), size // 2), "t")  # type: ignore[arg-type]
    mega = {unit: place // (MEGA_BATCH * batch_size) for place, unit in enumerate(flat)}
    steps = all_steps(Mixture({"t": size}, options(grouped=True), **two), size // 2)  # type: ignore[arg-type]
    assert all(mega[first] == mega[second] for (_, first), (_, second) in steps)
    assert {mega[step[0][1]] for step in steps[:20]} == {0, 1, 2}


def test_grouping_needs_lengths_and_whole_steps() -> None:
    sizes, lengths = {"a": 4, "b": 4}, {"a": [1] * 4, "b": [1] * 4}
    with pytest.raises(UserError, match="grouped by length and mix"):
        chosen = options(grouped=True, homogeneous=False)
        Mixture(sizes, chosen, batch_size=2, steps=1, seed=0, lengths=lengths)
    for wrong in (None, {"a": [1] * 4}, lengths | {"b": [1] * 5}):
        with pytest.raises(ValueError, match="lengths for 4 units"):
            Mixture(sizes, options(grouped=True), batch_size=2, steps=1, seed=0, lengths=wrong)


# --- options ---------------------------------------------------------------------------------------------------------


def test_a_task_of_weight_zero_is_never_drawn() -> None:
    chosen = options(strategy="weights", weights={"a": 0, "b": 1, "c": 1, "d": 0}, homogeneous=False)
    mixture = Mixture(dict.fromkeys("abcd", 3), chosen, batch_size=50, steps=50, seed=0)
    assert mixture.visits.keys() == set("abcd")
    assert (mixture.visits["a"], mixture.visits["d"]) == (0, 0)
    assert {name for step in all_steps(mixture, 50) for name, _ in step} == {"b", "c"}


def test_empty_members() -> None:
    with pytest.raises(UserError, match="nothing to train on"):
        probabilities({}, options())
    with pytest.raises(UserError, match="b has no training examples"):
        probabilities({"a": 1, "b": 0}, options())
    with pytest.raises(UserError, match="b has no training examples"):
        language_probabilities({"b": 0}, 0.5)
