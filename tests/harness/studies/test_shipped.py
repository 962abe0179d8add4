"""Every study that comes along runs at its smallest size, on the demo world, to its verdicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.studies.inline import InlineExecutor
from xharness.report.study_report import report_study
from xharness.studies.findings_tables import effects_table, robustness_table
from xharness.studies.library import find_study, shipped
from xharness.studies.options import StudyOptions
from xharness.studies.planning import plan_study
from xharness.studies.run import RanStudy, run_planned
from xharness.tasks.common.errors import UserError


def run(name: str, demo: Demo, out: Path, executor: InlineExecutor) -> RanStudy:
    """The study at `smoke`."""
    options = StudyOptions(
        model=demo.models / "encoder", data=demo.data, out=out / name, store=out / "store", size="smoke", device="cpu"
    )
    return run_planned(name, plan_study(find_study(name)[1], options), executor)


@pytest.mark.parametrize("name", shipped())
def test_smoke(name: str, demo: Demo, tmp_path: Path) -> None:
    ran = run(name, demo, tmp_path, executor := InlineExecutor())
    reasons = {ran.study.graph.steps[step].title: reason for step, reason in ran.progress.failed.items()}
    assert not reasons
    assert len(executor.started) == len(ran.study.graph)
    assert ran.findings is not None
    assert ran.findings.judgements, "no hypothesis is about what smoke runs"
    assert {(row.arm, row.target, row.seed) for row in ran.rows} == {
        (each.arm, each.target, each.seed) for each in ran.study.evaluated
    }
    results = {file: (ran.study.out / file).read_bytes() for file in ("results.csv", "results.json", "findings.json")}
    assert all(0 <= row["score"] <= 100 for row in json.loads(results["results.json"])["scores"])

    again = run(name, demo, tmp_path, executor := InlineExecutor())
    assert executor.started == []
    assert {file: (again.study.out / file).read_bytes() for file in results} == results

    page = report_study(ran.study.out, tmp_path / f"{name}.html").read_text()
    assert "Phases and their recipes" in page
    tables = [effects_table(ran.findings), *([found] if (found := robustness_table(ran.findings)).rows else [])]
    assert all(table.caption.partition(":")[0] in page for table in tables)


SIZES = [(name, size) for name in shipped() for size in find_study(name)[1].sizes]


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_every_size_can_be_planned(name: str, size: str, demo: Demo, tmp_path: Path) -> None:
    """Where the demo world has the data; a study asks for no other thing that is not there."""
    options = StudyOptions(model=demo.models / "encoder", data=demo.data, out=tmp_path, size=size, device="cpu")
    try:
        assert plan_study(find_study(name)[1], options).graph.steps
    except UserError as error:
        assert str(error).startswith(("no data of", "no English data of", "no translations at"))


@pytest.mark.shared_data
@pytest.mark.parametrize("name", shipped())
def test_the_small_size_can_be_planned_on_real_data(name: str, demo: Demo, shared_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "text").mkdir(parents=True)
    (data / "text" / "de.txt").write_text("Ein Satz.\n")  # text is the user's own
    for part in ("download", "labels", "intermediate"):
        (data / part).symlink_to(shared_data / part)
    options = StudyOptions(model=demo.models / "encoder", data=data, out=tmp_path, size="small", device="cpu")
    assert plan_study(find_study(name)[1], options).graph.steps
