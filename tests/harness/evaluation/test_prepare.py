"""Options and checkpoints that make another run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import contents, copied, options
from xharness.evaluation.evaluate import evaluate
from xharness.tasks.common.errors import UserError


def test_changed_weights_are_another_run(demo: Demo, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    model = copied(demo.models / "xnli", tmp_path / "model")
    chosen = options(demo, tmp_path / "run", model=model, tasks="xnli", langs="de,fr")
    evaluate(chosen)
    before = contents(tmp_path / "run")
    weights = load_file(model / "model.safetensors")
    for name in weights:
        if name == "classifier.out_proj.weight":
            weights[name] = -weights[name]
    save_file(weights, model / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="holds another run"):
        evaluate(chosen)
    assert contents(tmp_path / "run") == before
    again = evaluate(replace(chosen, overwrite=True))
    assert again.computed == 2
    name = "predictions/xnli/test-de.tsv"
    assert contents(tmp_path / "run")[name] != before[name]


@pytest.mark.parametrize(
    "change", [{"layer": "1"}, {"pooling": "cls"}, {"precision": "bf16"}, {"limit": 3}, {"max_length": 16}]
)
def test_changed_options_are_another_run(demo: Demo, tmp_path: Path, change: dict[str, Any]) -> None:
    chosen = options(demo, tmp_path / "run", tasks="tatoeba", langs="de")
    evaluate(chosen)
    before = contents(tmp_path / "run")
    with pytest.raises(UserError, match="holds another run"):
        evaluate(replace(chosen, **change))
    assert contents(tmp_path / "run") == before
    assert evaluate(replace(chosen, overwrite=True, **change)).computed == 1


def test_a_suite_may_grow_and_is_still_the_same_run(demo: Demo, tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    copied(demo.models / "xnli", suite / "xnli")
    first = evaluate(options(demo, tmp_path / "run", model=suite, langs="de"))
    assert set(first.scores) == {"xnli", "xharness"}
    copied(demo.models / "pawsx", suite / "pawsx")
    second = evaluate(options(demo, tmp_path / "run", model=suite, langs="de"))
    assert (second.computed, set(second.scores)) == (1, {"xnli", "pawsx", "xharness"})
    with pytest.raises(UserError, match="holds another run"):
        evaluate(options(demo, tmp_path / "run", model=demo.models / "xnli", langs="de"))
