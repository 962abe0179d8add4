"""The studies that come along: they fit together, and speak of nothing that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.studies.checks import check_design
from xharness.studies.library import find_study, shipped
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import Registry

SIX = {"adversarial", "multitask-shift", "perturbation", "phang2020", "scaling", "syntactic-semantic"}


def test_all_are_there_with_every_size() -> None:
    assert set(shipped()) == SIX
    for name in shipped():
        design = find_study(name)[1]
        assert set(design.sizes) == {"smoke", "small", "base", "large"}, name
        assert design.support and design.sources and design.hypotheses, name


@pytest.mark.parametrize("name", sorted(SIX))
def test_they_can_be_run_and_judged(name: str) -> None:
    check_design(find_study(name)[1])


@pytest.mark.parametrize("name", sorted(SIX))
def test_their_tasks_are_known(name: str) -> None:
    """Those that are trained on and those that are evaluated."""
    design, registry = find_study(name)[1], Registry()
    phases = [phase for arm in design.arms.values() for phase in arm.phases]
    phases += [target.phase for target in design.targets.values() if target.phase]
    phases += [subset.map for subset in design.subsets.values() if subset.map]
    trained = {task for phase in phases for task in phase.tasks} | {each.of for each in design.subsets.values()}
    evaluated = {task for target in design.targets.values() for task in target.evaluate}
    evaluated |= {task for each in design.perturbed.values() for task in each.tasks}
    assert trained - {*registry.known, *registry.tasks} == set()
    assert evaluated - {*registry.tasks} == set()
    assert {task for size in design.sizes.values() for task in size.tasks} <= trained


def test_a_file_of_the_users_own(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_bytes(shipped()["scaling"].read_bytes())
    assert find_study(str(own)) == ("mine", find_study("scaling")[1])


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match="unknown study 'skaling'") as refused:
        find_study("skaling")
    assert refused.value.fix == "did you mean 'scaling'?"
