"""What a checkpoint answers, and what not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import options
from xharness.evaluation.evaluate import evaluate
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import XTREME


def test_one_checkpoint_answers_what_it_can_and_says_the_rest(demo: Demo, tmp_path: Path) -> None:
    result = evaluate(options(demo, tmp_path / "run", model=demo.models / "xnli", langs="de"))
    assert {name for name in result.scores if name in XTREME.languages} == {"xnli", "tatoeba", "bucc2018"}
    refused = {each.task.name: each for each in result.prepared.incompatible}
    assert set(refused) == {"pawsx", "panx", "udpos", "xquad", "mlqa", "tydiqa"}
    assert "needs a head for tagging" in refused["udpos"].reason
    assert "contradiction" in refused["pawsx"].reason


def test_a_language_that_no_benchmark_scores_is_answered_where_it_is_named(demo_r: Demo, tmp_path: Path) -> None:
    for part in ("download", "labels"):
        shutil.copytree(demo_r.data / part / "xcopa", tmp_path / "data" / part / "xcopa")
        folder = tmp_path / "data" / part / "xcopa"
        (folder / "test-en.jsonl").write_bytes((folder / "test-sw.jsonl").read_bytes())
    asked = options(demo_r, tmp_path / "run", model=demo_r.models / "xcopa", tasks="xcopa", langs="en,sw,th")
    asked = replace(asked, data=tmp_path / "data", version="xtreme-r")
    scores = evaluate(asked).scores
    cells, average = scores["xharness"]["cells"]["xcopa"], scores["xcopa"]["avg_accuracy"]
    assert [*cells] == ["sw", "th", "en"]
    assert average == pytest.approx((cells["sw"]["score"] + cells["th"]["score"]) / 2)
    unnamed = evaluate(replace(asked, langs=None, out=tmp_path / "all")).scores
    assert "en" not in unnamed["xharness"]["cells"]["xcopa"]


def test_where_there_is_nothing_else_it_says_how_to_ask_for_it(demo_r: Demo, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "download" / "xcopa"
    folder.mkdir(parents=True)
    shutil.copy(demo_r.data / "download" / "xcopa" / "test-sw.jsonl", folder / "test-en.jsonl")
    asked = options(demo_r, tmp_path / "run", model=demo_r.models / "xcopa", tasks="xcopa")
    with pytest.raises(UserError) as refused:
        evaluate(replace(asked, data=tmp_path / "data", version="xtreme-r"))
    assert refused.value.why.endswith("xcopa has only en, which is in no average and is evaluated where it is named")
    assert refused.value.fix.startswith("name it: --langs en; or add files of et, ht, ")
