"""What a run is and what a cell is kept under come from the same values: nothing is dropped without a word."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.two_cells import OWN, options
from xharness.compute.device import Device
from xharness.evaluation.evaluate import evaluate
from xharness.runs.folder import RunFolder
from xharness.runs.reading import open_run
from xharness.tasks.common import files
from xharness.tasks.common.errors import UserError
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.plugins import load_file
from xharness.tasks.registry import Registry


def unscored(result: Any) -> dict[str, str]:
    return {f"{cell['task']} {cell['language']}": cell["reason"] for cell in result.scores["xharness"]["unscored"]}


def test_another_precision_is_another_run_however_it_is_spelled(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = evaluate(options(demo, tmp_path / "run", precision="auto"))
    assert first.manifest["identity"]["options"]["precision"] == "fp32"
    assert evaluate(options(demo, tmp_path / "run", precision="fp32")).computed == 0
    module = sys.modules["xharness.evaluation.evaluate"]
    monkeypatch.setattr(module, "resolve", lambda *_: Device("cpu", "bf16"))  # another machine
    with pytest.raises(UserError, match="holds another run") as error:
        evaluate(options(demo, tmp_path / "run", tasks="pawsx", precision="auto"))
    assert "--precision was fp32, now bf16" in error.value.why


def test_another_batch_bound_is_another_run_where_rounding_is_coarse(demo: Demo, tmp_path: Path) -> None:
    first = options(demo, tmp_path / "run", precision="bf16")
    scores = evaluate(first).scores
    with pytest.raises(UserError, match="holds another run") as error:
        evaluate(replace(first, tasks="pawsx", batch_tokens=64))
    assert error.value.why == "--batch-tokens was 1024, now 64"
    again = evaluate(replace(first, tasks="pawsx", batch_tokens=1024))  # the device's own
    assert again.scores["xnli"] == scores["xnli"]
    assert evaluate(replace(first, langs="de,fr,en")).scores["xnli"]["accuracy"].keys() == {"en", "de", "fr"}


def test_an_old_run_is_told_by_the_precision_that_it_had(demo: Demo, tmp_path: Path) -> None:
    chosen = options(demo, tmp_path / "run")
    evaluate(chosen)
    folder = RunFolder(tmp_path / "run")
    manifest: dict[str, Any] = {
        name: value for name, value in folder.manifest().items() if name not in ("format", "scores_sha256")
    }
    manifest["identity"]["options"]["precision"] = "auto"
    (tmp_path / "run" / "manifest.json").write_text(json.dumps(manifest))
    assert evaluate(chosen).computed == 0


def test_a_cell_that_does_not_count_any_more_says_why(demo: Demo, tmp_path: Path) -> None:
    data = Path(shutil.copytree(demo.data, tmp_path / "data"))
    first = options(demo, tmp_path / "run", data=data, tasks="xnli,pawsx", langs="de,fr")
    evaluate(first)
    path = data / "download" / "pawsx" / "test-de.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("\n", " x\n", 1), encoding="utf-8")
    (tmp_path / "run/predictions/pawsx/test-fr.tsv").write_text("0\n")
    said = unscored(evaluate(replace(first, tasks="xnli")))
    assert said["pawsx de"].startswith("it was answered otherwise (data was ")
    assert said["pawsx fr"].startswith("test-fr.tsv is missing or was changed")
    assert evaluate(first).computed == 2
    assert open_run(tmp_path / "run").scores.cells["pawsx"].keys() == {"de", "fr"}


@pytest.mark.parametrize(
    "body",
    ["items = replace(items, statistics=items.statistics * np.nan)", "return items.statistics", "1 / 0", "return None"],
)
def test_a_metric_that_fails_costs_its_own_cell_only(demo: Demo, tmp_path: Path, body: str) -> None:
    data = Path(shutil.copytree(demo.data, tmp_path / "data"))
    for side in ("download", "labels"):
        (data / side / "xnli").rename(data / side / "own")
    tasks = tmp_path / "own.py"
    tasks.write_text(OWN.replace("BODY", body))
    chosen = options(demo, tmp_path / "run", data=data, tasks="own", langs="de,fr,en", tasks_from=tasks)
    for _ in range(2):  # an error it stays
        with pytest.raises(UserError, match="no score for own fr") as error:
            evaluate(chosen)
        assert "metric accuracy: it" in error.value.why
    run = open_run(tmp_path / "run", Registry(load_file(tasks)))
    assert run.scores.cells["own"].keys() == {"en", "de"}
    assert [cell.language for cell in run.scores.unscored] == ["fr"]
    tasks.write_text(OWN.replace("BODY", "pass"))
    assert evaluate(chosen).scores["own"]["accuracy"].keys() == {"en", "de", "fr"}


def test_numbers_that_are_not_finite_are_named(demo: Demo) -> None:
    assert files.not_finite({"a": [1.0, {"b": float("nan")}]}) == "a.1.b"
    assert not files.not_finite({"a": [1.0, None, "nan"]})
    with pytest.raises(UserError, match=r"cells\.xnli is not a finite number"):
        files.render_json({"cells": {"xnli": np.inf}})
    assert Accuracy().measure(["a"], ["b"], "en").statistics.tolist() == [[0, 1]]
