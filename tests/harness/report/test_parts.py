"""Names, languages, gaps, lineage: the parts of a report by hand-made runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.runs.made import cell_scores, scores_file
from xharness.report.gaps import gap_table, gaps
from xharness.report.gather import NamedRun, load_runs, short_names
from xharness.report.items import _spread
from xharness.report.lineage import MOST_POINTS, curves, family
from xharness.runs.folder import RunFolder
from xharness.runs.manifest import KIND, Manifest
from xharness.runs.record import Record
from xharness.tables.table import number
from xharness.tasks.common.errors import UserError


def run(name: str = "a", cells: Any = None, manifest: Any = None) -> NamedRun:
    shaped = {task: {code: cell_scores(score) for code, score in of.items()} for task, of in (cells or {}).items()}
    return NamedRun(name, Path(name), scores_file(shaped), Manifest.parse(manifest or {}))


def test_gaps_are_english_minus_the_language() -> None:
    one = run(cells={"xnli": {"en": 80.0, "de": 75.0, "ru": 70.0}, "tatoeba": {"de": 90.0}})
    assert [(gap.task, gap.language.code, gap.points) for gap in gaps([one])] == [("xnli", "de", 5), ("xnli", "ru", 10)]


def test_gaps_by_family_and_script_are_plain_means() -> None:
    cells = {"xnli": {"en": 80.0, "de": 75.0, "ru": 70.0}, "udpos": {"en": 90.0, "de": 88.0, "nl": 83.0, "bg": 78.0}}
    (germanic, slavic) = gap_table("family", [run(cells=cells)]).rows
    assert [cell.text for cell in germanic.cells] == ["Germanic", "de nl", "3", "+4.67"]
    assert [cell.text for cell in slavic.cells] == ["Slavic", "bg ru", "2", "+11.00"]
    assert [row.cells[0].text for row in gap_table("script", [run(cells=cells)]).rows] == ["Latin", "Cyrillic"]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["x/a", "x/b"], ["a", "b"]),
        (["x/seed1/run", "x/seed2/run"], ["seed1/run", "seed2/run"]),
        (["run"], ["run"]),
    ],
)
def test_names_are_as_short_as_they_can_be(paths: Sequence[str], names: Sequence[str]) -> None:
    assert short_names([Path(path) for path in paths]) == names


def test_numbers_have_real_minus_signs_and_sort_by_value() -> None:
    assert (number(-1.236, sign=True).text, number(-1.236).sort) == ("−1.24", -1.236)
    assert number(12345, 0).text == "12,345"


def test_a_few_are_spread_over_all() -> None:
    assert _spread(range(10), 3) == [0, 3, 6]
    assert _spread(range(2), 3) == [0, 1]


# --- runs that cannot be read ----------------------------------------------------------------------------------------


def written(folder: Path, scores: Any = None) -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"kind": KIND, "identity": {}, "xharness": "0"}))
    RunFolder(folder).save(Record("xnli", "de", "test", "key", 0, "s"), None, {})
    if scores is not None:
        (folder / "scores.json").write_text(json.dumps(scores))
    return folder


def test_what_is_no_finished_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    old: dict[str, Any] = {"xharness": {"cells": {}, "tasks": {}}}
    cases = {
        tmp_path / "nowhere": "no run at",
        tmp_path / "empty": "is not a run",
        written(tmp_path / "half"): "is half a run",
        written(tmp_path / "old", old): "cannot read",
        written(tmp_path / "list", []): "cannot read",
    }
    for path, said in cases.items():
        with pytest.raises(UserError, match=said):
            load_runs([path])


def test_too_many_or_none_or_the_same_twice(tmp_path: Path) -> None:
    for paths, said in (([], "no run"), ([tmp_path / str(i) for i in range(9)], "9 runs"), ([tmp_path] * 2, "twice")):
        with pytest.raises(UserError, match=said):
            load_runs(paths)


# --- lineage ---------------------------------------------------------------------------------------------------------


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


def test_no_curves_from_a_folder_that_holds_another_checkpoint_by_now(tmp_path: Path) -> None:
    (tmp_path / "xharness.json").write_text(json.dumps(record("udpos", None)))
    (tmp_path / "training.jsonl").write_text('{"step": 1, "loss": 1.0}\n')
    found, missing = curves(family([evaluated("one", {"xnli": ("x" * 12, tmp_path, record("xnli", None))})]))
    assert (found, len(missing)) == ([], 1)
    assert missing[0].startswith("xnli (xxxxxxxx): no log of this training at")
