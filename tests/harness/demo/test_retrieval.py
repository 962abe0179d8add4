"""What encoders before the last phase score in retrieval."""

from __future__ import annotations

from pathlib import Path

from tests.harness.conftest import Demo
from xharness.demo.retrieval import measured_meanwhile, retrieval_of, retrieval_tasks
from xharness.tasks.registry import XTREME


def test_another_process_measures_the_same(demo: Demo, tmp_path: Path) -> None:
    encoders, (apart, here) = {"untrained": demo.models / "encoder"}, (tmp_path / "apart", tmp_path / "here")
    with measured_meanwhile(encoders, demo.data, apart, XTREME.name, 0):
        pass
    scores = apart / "untrained" / "scores.json"
    assert scores.is_file(), "it is there when the block ends"
    found = retrieval_of(encoders, demo.data, apart, XTREME.name, 0)
    assert list(found["untrained"]) == retrieval_tasks(XTREME.name)
    assert found == retrieval_of(encoders, demo.data, here, XTREME.name, 0)
