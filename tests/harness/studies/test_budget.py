"""What a study will cost."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import load_file

from tests.harness.conftest import Demo
from xharness.studies.budget import START, Budget, DeviceSpeed, budget_of
from xharness.studies.costs import UPDATED, Cost
from xharness.studies.library import find_study
from xharness.studies.options import StudyOptions
from xharness.studies.planning import plan_study
from xharness.tasks.common.errors import UserError


def budget(demo: Demo, out: Path, speed: float = 1.0, sets: tuple[str, ...] = (), **counts: int) -> Budget:
    """Of the adversarial study at `smoke`, a step an example, one seed."""
    options = StudyOptions(
        model=demo.models / "encoder", data=demo.data, out=out, size="smoke", device="cpu", seeds=(1,),
        sets=sets or ("epochs=1", "batch_size=1"),
    )  # fmt: skip
    return budget_of(plan_study(find_study("adversarial")[1], options), speed, counts)


def test_a_subset_costs_its_share_and_a_twin_as_much(demo: Demo, tmp_path: Path) -> None:
    found = budget(demo, tmp_path)
    updates = {step.title: found.costs[step.id].optimizer_steps for step in found.planned.graph if step.kind == "train"}
    mapped = updates["mnli, 20 examples, seed 3"]  # by the first seed of the size, whichever are run
    assert {n for title, n in updates.items() if "subset" in title and "xnli" not in title} == {int(0.33 * mapped)}


def test_hours_follow_from_the_speed(demo: Demo, tmp_path: Path) -> None:
    slow, fast = budget(demo, tmp_path, 1.0), budget(demo, tmp_path, 2.0)
    assert slow.hours(slow.costs) == pytest.approx(2 * fast.hours(fast.costs))
    assert slow.record()["hours"] == slow.record()["hours_left"]


def test_only_what_is_trained_on_is_counted(demo: Demo, tmp_path: Path) -> None:
    assert budget(demo, tmp_path, mnli=100).notes[1] == (
        "reckoned with so many training examples, where a phase does not take fewer: mnli 100"
    )
    with pytest.raises(UserError, match="--count squad_v1"):
        budget(demo, tmp_path, squad_v1=100)


def test_checks_on_dev_cost_what_answering_costs(demo: Demo, tmp_path: Path) -> None:
    def operations(*sets: str) -> float:
        found = budget(demo, tmp_path, sets=("steps=6", "batch_size=4", *sets))
        return sum(cost.operations for cost in found.costs.values())

    without = operations("select=last")
    once = operations("eval_every=6", "dev_examples=2") - without
    assert once > 0
    assert operations("eval_every=6", "dev_examples=4") - without == pytest.approx(2 * once)
    assert operations("eval_every=4", "dev_examples=2") - without == pytest.approx(2 * once), "at steps 4 and 6"


def test_updates_move_all_weights_and_every_step_starts_a_process(demo: Demo, tmp_path: Path) -> None:
    found = budget(demo, tmp_path, sets=("steps=6", "batch_size=4"))
    twice = budget(demo, tmp_path, sets=("steps=12", "batch_size=4"))
    assert {cost.moved for cost in found.costs.values()} == {cost.moved / 2 for cost in twice.costs.values()}
    numbers = sum(tensor.numel() for tensor in load_file(demo.models / "encoder" / "model.safetensors").values())
    assert max(cost.moved for cost in found.costs.values()) == UPDATED * numbers * 6
    cost = Cost(operations=10.0, moved=6.0)
    assert DeviceSpeed(5.0, 2.0, 1.0).seconds(cost) == 2 + 3 + 1
    assert DeviceSpeed(5.0).seconds(cost) == 2, "at a speed that somebody names, everything is part of it"


def test_a_device_that_is_measured_has_every_part(demo: Demo, tmp_path: Path) -> None:
    options = StudyOptions(model=demo.models / "encoder", data=demo.data, out=tmp_path, size="smoke", device="cpu")
    found = budget_of(plan_study(find_study("scaling")[1], options))
    assert found.hours(found.costs) > START * len(found.costs) / 3600
    assert "one thread" in found.notes[0]
