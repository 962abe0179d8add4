"""Evaluation keeps what a difference wants to know of retrieval: how similar that is what was found."""

from __future__ import annotations

from pathlib import Path

from tests.harness.conftest import Demo
from xharness.diff.items import answers
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.runs.folder import RunFolder


def test_runs_keep_the_similarity_of_what_was_found(demo: Demo, tmp_path: Path) -> None:
    tasks, out = "tatoeba,bucc2018", tmp_path / "run"
    evaluate(EvaluateOptions(model=demo.models, data=demo.data, out=out, tasks=tasks, langs="de", resamples=0))
    listed = answers(out, "tatoeba", "de")
    assert len(listed) == 6
    assert all(-1 <= float(item.facts["similarity"]) <= 1.001 for item in listed)
    folder = RunFolder(out)
    record = folder.record("bucc2018", "de", "test")
    assert record is not None
    mined = (out / "predictions" / "bucc2018" / "test-de.tsv").read_text().splitlines()
    assert list(folder.items(record)["similarity"].ids) == mined
