"""From a run folder to its outcome, and the table of effects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.harness.comparison.made import right, write_run
from tests.harness.studies.statistics.made_study import study
from xharness.runs.folder import RunFolder
from xharness.studies.statistics.contrasts import Endpoint, LanguageSet
from xharness.studies.statistics.effects import effects
from xharness.studies.statistics.outcome import outcome_of
from xharness.studies.statistics.replicates import Replicates
from xharness.tasks.common.errors import UserError

CELLS = {
    ("xnli", "de"): right([1.0, 0.0, 1.0]),
    ("xnli", "en"): right([1.0, 1.0, 1.0]),
    ("pawsx", "en"): right([0.0, 1.0]),
}


def test_the_outcome_of_a_run(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", CELLS, seed=3)
    everything = outcome_of(run)
    assert set(everything.test.cells) == set(CELLS) and everything.dev is None
    some = outcome_of(RunFolder(run), ["xnli"], dev=write_run(tmp_path / "dev", CELLS))
    assert list(some.test.cells) == [("xnli", "de"), ("xnli", "en")]
    assert some.test.cells["xnli", "de"].items.statistics.tolist() == [[1, 1], [0, 1], [1, 1]]
    assert some.dev is not None and list(some.dev.cells) == list(some.test.cells)


def test_a_task_without_a_score_is_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", CELLS)
    with pytest.raises(UserError, match="has no score of udpos") as error:
        outcome_of(run, ["xnli", "udpos"])
    assert error.value.why == "it has pawsx, xnli"


def test_runs_on_disk_are_judged_like_those_in_memory(tmp_path: Path) -> None:
    memory = study()
    disk = {
        name: outcome_of(
            write_run(tmp_path / "-".join(map(str, name)), {key: cell.items for key, cell in run.test.cells.items()})
        )
        for name, run in memory.items()
    }
    endpoint = Endpoint("xnli")
    first, second = (Replicates(runs).value("a", endpoint).draws for runs in (memory, disk))
    assert np.array_equal(first, second)


def test_the_table_of_effects() -> None:
    replicates = Replicates(study())
    endpoints = [Endpoint("xnli"), Endpoint("xnli", LanguageSet.ENGLISH)]
    found = effects(replicates, ["none", "a", "gone"], "none", endpoints)
    assert [(row.arm, row.endpoint) for row in found] == [(a, p) for a in ("none", "a", "gone") for p in endpoints]
    base, _, better, english, missing, _ = found
    assert base.change is None and base.score is not None and list(base.score.points) == [0, 1, 2]
    assert better.score is not None and better.change is not None and english.score is not None
    assert better.change.value == pytest.approx(better.score.value - base.score.value)
    assert better.score.interval is not None and better.score.interval[0] < better.score.value
    assert english.score.value != better.score.value
    assert (missing.score, missing.change, missing.lacking) == (None, None, ("gone on xnli",))


def test_without_the_baseline_there_are_scores_and_no_changes() -> None:
    (row,) = effects(Replicates(study({"a": 0.5})), ["a"], "none", [Endpoint("xnli")])
    assert row.score is not None and row.change is None
