"""What a checkpoint answers, and what not."""

from __future__ import annotations

from pathlib import Path

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import options
from xharness.evaluation.evaluate import evaluate
from xharness.tasks.registry import XTREME


def test_one_checkpoint_answers_what_it_can_and_says_the_rest(demo: Demo, tmp_path: Path) -> None:
    result = evaluate(options(demo, tmp_path / "run", model=demo.models / "xnli", langs="de"))
    assert {name for name in result.scores if name in XTREME.languages} == {"xnli", "tatoeba", "bucc2018"}
    refused = {each.task.name: each for each in result.prepared.incompatible}
    assert set(refused) == {"pawsx", "panx", "udpos", "xquad", "mlqa", "tydiqa"}
    assert "needs a head for tagging" in refused["udpos"].reason
    assert "contradiction" in refused["pawsx"].reason
