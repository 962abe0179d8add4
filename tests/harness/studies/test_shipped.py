"""Every study that comes along runs at its smallest size, on the demo world, to its verdicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.studies.inline import InlineExecutor
from xharness.studies.library import find_study, shipped
from xharness.studies.options import StudyOptions
from xharness.studies.planning import plan_study
from xharness.studies.run import RanStudy, run_planned


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
