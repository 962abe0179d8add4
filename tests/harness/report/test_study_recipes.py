"""How the phases of a study were trained, read from what their checkpoints tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.studies.written import DESIGN, design_of, write_study
from xharness.checkpoints.provenance import write_provenance
from xharness.report.study_contents import gather_study
from xharness.report.study_recipes import recipes
from xharness.studies.record import RecordedStudy
from xharness.studies.steps import train
from xharness.tasks.common.files import render_json, write_atomic
from xharness.tasks.common.sealed import seal

MIXTURE = '[arms.mixture]\nphases = [{ tasks = ["mnli", "qqp"] }]\n\n[targets.xnli]'


@pytest.fixture
def study(tmp_path: Path) -> RecordedStudy:
    """Two arms: none, and two tasks together. Their checkpoints have no weights, but tell what they are."""
    text = DESIGN.replace("[targets.xnli]", MIXTURE).replace('arms = ["none", "small"]', 'arms = ["none", "mixture"]')
    study = write_study(tmp_path, design_of(text), size="smoke", share=lambda *_: 0.5)
    for step in study.graph:
        if step.kind == train.KIND:
            options = step.work["options"]
            assert isinstance(options, dict) and isinstance(options["tasks"], list)
            tell(study.store.output(step.id), [str(name) for name in options["tasks"]])
    return study


def tell(output: Path, tasks: list[str]) -> None:
    """What the checkpoint of each task says, in a folder of its own if there are several, which are sealed together."""
    folders = {task: output / task if len(tasks) > 1 else output for task in tasks}
    for task, folder in folders.items():
        folder.mkdir(exist_ok=True)
        write_provenance(
            folder, tasks=tasks, parent=None, recipe={"name": f"numbers of {task}", "seed": 1, "batch_size": 16},
            mixture=None, data={name: {"sha256": "ab" * 32, "examples": 1000} for name in tasks},
            select={"on": "last", "step": 3}, pooler="fresh", identity={"tasks": list(tasks)},
        )  # fmt: skip
    if len(tasks) > 1:
        write_atomic(output / "xharness.json", render_json(seal({"format": 2, "tasks": list(tasks), "files": {}})))


def test_a_phase_of_several_tasks_is_told_by_its_first_checkpoint(study: RecordedStudy) -> None:
    table = recipes(gather_study(study.out))
    found = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows}
    assert found.keys() == {"xnli", "mnli + qqp"}
    assert found["mnli + qqp"][:2] == ["numbers of mnli", "1,000 + 1,000"]
    assert found["xnli"][:2] == ["numbers of xnli", "1,000"]
    assert found["xnli"][2] == "16", "the batch size; columns without any number are left out"


def test_what_is_not_trained_yet_is_told_by_the_plan(tmp_path: Path) -> None:
    study = write_study(tmp_path, size="smoke", without={"mnli, seed 1", "mnli, seed 2"})
    found = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in recipes(gather_study(study.out)).rows}
    assert found["mnli"] == ["jiant", "100"]
