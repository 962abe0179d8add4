"""A run in lm-eval's layout."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.export.made import tatoeba_run
from xharness.export.lm_eval import lm_eval_files
from xharness.tasks.registry import Registry


@pytest.fixture
def results() -> Any:
    from dataclasses import replace

    run = tatoeba_run({"de": 100})
    numbers: Any = {"accuracy": {"de": 50.0}, "avg_accuracy": 50.0, "avg_metric": 50.0}
    ((name, content),) = lm_eval_files(
        replace(run, scores=replace(run.scores, official={"tatoeba": numbers})), Registry(), None
    ).items()
    assert name == "local__mine/results_2024-01-31T12-00-00.000000.json"
    return json.loads(content)


def test_numbers_are_fractions_with_standard_errors(results: Any) -> None:
    cell = results["results"]["xharness_tatoeba_de"]
    assert cell["acc,none"] == 0.5
    assert cell["acc_stderr,none"] == pytest.approx((0.25 / 99) ** 0.5)
    assert results["groups"]["xharness_tatoeba"] == {
        "alias": "xharness_tatoeba", "acc,none": 0.5, "acc_stderr,none": "N/A",
    }  # fmt: skip
    assert results["group_subtasks"] == {"xharness_tatoeba": ["xharness_tatoeba_de"]}
    assert results["n-samples"]["xharness_tatoeba_de"] == {"original": 100, "effective": 100}
    assert results["higher_is_better"]["xharness_tatoeba_de"] == {"acc": True}


def test_lm_eval_makes_its_table_of_it(results: Any) -> None:
    pytest.importorskip("pytablewriter", reason="lm-eval is not installed: pip install -e .[bench]")
    utils = pytest.importorskip("lm_eval.utils", reason="lm-eval is not installed: pip install -e .[bench]")
    assert "xharness_tatoeba_de" in utils.make_table(results)
