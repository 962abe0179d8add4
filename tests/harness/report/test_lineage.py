"""The family tree of checkpoints, and how trainings went."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.harness.report.made import run
from tests.harness.runs.made import cell_scores, scores_file
from xharness.report.gather import NamedRun
from xharness.report.lineage import MOST_POINTS, curves, family


def record(task: str, parent: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "task": task,
        "parents": [parent] if parent else [],
        "recipe": {"learning_rate": 1e-5, "epochs": 2, "batch_size": 16, "steps": None},
        "seed": 3,
        "data": {task: {"examples": 1200}},
        "select": {"step": 40, "best": 77.123},
        "zero_shot": True,
    }


def evaluated(name: str, models: dict[str, tuple[str, Path, Any]]) -> NamedRun:
    manifest = {
        "identity": {"model": {model: fingerprint for model, (fingerprint, _, _) in models.items()}},
        "model": {
            model: {"path": str(path), "provenance": provenance, "weights_sha256": fingerprint}
            for model, (fingerprint, path, provenance) in models.items()
        },
    }
    signed = {model: f"task:{model}.en|model:{fingerprint}|" for model, (fingerprint, _, _) in models.items()}
    cells = {model: {"en": cell_scores(0, signature=signature)} for model, signature in signed.items()}
    return replace(run(name, manifest=manifest), scores=scores_file(cells))


def test_checkpoints_with_a_common_parent_are_one_tree(tmp_path: Path) -> None:
    root = {"path": "xlmr", "fingerprint": "r", "provenance": None}
    middle = {"path": "squad", "fingerprint": "s", "provenance": record("squad_v1", root)}
    one = evaluated(
        "one", {"xnli": ("x", tmp_path, record("xnli", middle)), "squad": ("s", tmp_path, middle["provenance"])}
    )
    two = evaluated(
        "two", {"udpos": ("u", tmp_path, record("udpos", root)), "xnli": ("x", tmp_path, record("xnli", middle))}
    )
    (tree,) = family([one, two])
    assert (tree.title, [child.title for child in tree.children]) == ("xlmr", ["squad_v1", "udpos"])
    (leaf,) = tree.children[0].children
    assert leaf.users == ["one: xnli", "two: xnli"]
    assert tree.children[0].users == ["one: squad"]
    assert dict(leaf.facts)["kept"] == "step 40, dev 77.12"
    assert dict(leaf.facts)["epochs"] == "2"


def test_curves_come_from_the_log_beside_the_checkpoint(tmp_path: Path) -> None:
    told = record("xnli", None)
    (tmp_path / "xharness.json").write_text(json.dumps(told))
    lines = [{"step": step, "loss": 1 / step} for step in range(1, 1000)] + [{"step": 999, "dev": 60.0, "best": 60.0}]
    (tmp_path / "training.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found, missing = curves(family([evaluated("one", {"xnli": ("x", tmp_path, told)})]))
    assert not missing
    assert found[0].dev == [(999, 60.0)]
    assert len(found[0].loss) <= MOST_POINTS + 1
    assert (found[0].loss[0], found[0].loss[-1]) == ((1, 1.0), (999, 1 / 999))


def test_a_single_point_is_no_curve(tmp_path: Path) -> None:
    told = record("xnli", None)
    (tmp_path / "xharness.json").write_text(json.dumps(told))
    (tmp_path / "training.jsonl").write_text('{"step": 1, "loss": 1.0}\n{"step": 1, "dev": 60.0}\n')
    found, missing = curves(family([evaluated("one", {"xnli": ("x" * 12, tmp_path, told)})]))
    assert found == []
    assert missing == [f"xnli (xxxxxxxx): no curve, 1 step in {tmp_path / 'training.jsonl'}"]


def test_no_curves_from_a_folder_that_holds_another_checkpoint_by_now(tmp_path: Path) -> None:
    (tmp_path / "xharness.json").write_text(json.dumps(record("udpos", None)))
    (tmp_path / "training.jsonl").write_text('{"step": 1, "loss": 1.0}\n')
    found, missing = curves(family([evaluated("one", {"xnli": ("x" * 12, tmp_path, record("xnli", None))})]))
    assert (found, len(missing)) == ([], 1)
    assert missing[0].startswith("xnli (xxxxxxxx): no log of this training at")
