"""Several runs as one side."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.harness.comparison.made import FEW, write_run
from xharness.comparison.sides import disambiguate, read_side
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import Registry

REGISTRY = Registry()


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "a"
    for seed in range(3):
        write_run(folder / f"seed{seed}", FEW, model=str(seed) * 64, seed=seed)
    return folder


def test_seeds_by_folder_by_pattern_and_by_name(seeds: Path) -> None:
    for text in (f"{seeds}", f"{seeds}/seed*", ",".join(str(seeds / f"seed{seed}") for seed in range(3))):
        side = read_side(text, REGISTRY, by_seed=True)
        assert [run.seed for run in side.runs] == [0, 1, 2]
        assert not side.failed


def test_failed_seeds_are_counted(seeds: Path) -> None:
    (seeds / "seed1" / "scores.json").unlink()
    side = read_side(str(seeds), REGISTRY, by_seed=True)
    assert [run.seed for run in side.runs] == [0, 2]
    assert list(side.failed) == ["seed1"]
    (seeds / "seed2" / "scores.json").unlink()
    with pytest.raises(UserError, match="has 1 finished run"):
        read_side(str(seeds), REGISTRY, by_seed=True)


def test_a_seed_that_counts_twice_is_refused(seeds: Path) -> None:
    shutil.copytree(seeds / "seed0", seeds / "seed9")
    with pytest.raises(UserError, match="seed0 and seed9 are the same model"):
        read_side(str(seeds), REGISTRY, by_seed=True)


def test_a_pattern_without_group_is_refused(seeds: Path) -> None:
    with pytest.raises(UserError, match="stands for 3 runs") as error:
        read_side(f"{seeds}/seed*", REGISTRY)
    assert "--group seed" in error.value.fix


def test_a_wrong_name_among_seeds_is_no_failed_run(seeds: Path) -> None:
    with pytest.raises(UserError, match="no run at"):
        read_side(f"{seeds}/seed0,{seeds}/seed1,{seeds}/sed2", REGISTRY, by_seed=True)


def test_runs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    paths = [write_run(tmp_path / side / "run", FEW) for side in "ab"]
    sides = disambiguate([read_side(str(path), REGISTRY) for path in paths])
    assert [side.runs[0].name for side in sides] == list(map(str, paths))
