"""A run as mteb's own classes read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.export.made import tatoeba_run
from xharness.export.mteb import TASKS, mteb_files
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import Registry

WHY = "mteb is not installed: pip install -e .[bench]"


def test_only_what_mteb_measures_on_its_data_is_in_it() -> None:
    files, left_out = mteb_files(tatoeba_run({"de": 1000, "fr": 6}, more="xnli"), Registry())
    path, meta = files
    assert path.startswith("results/local__mine/")
    assert path.endswith("/Tatoeba.json")
    assert meta == path.replace("Tatoeba", "model_meta")
    content = json.loads(files[path])
    assert content["scores"]["test"] == [
        {"f1": 0.5, "accuracy": 0.5, "main_score": 0.5, "hf_subset": "deu-eng", "languages": ["deu-Latn", "eng-Latn"]}
    ]
    assert left_out == [
        "xnli: MTEB does not have it by the same protocol",
        "Tatoeba: fr: 6 queries, and MTEB has 1000",
    ]


def test_a_fetched_model_has_its_own_name_and_commit() -> None:
    run = tatoeba_run({"de": 1000}, {"id": "intfloat/e5", "revision": "c0ffee"})
    assert "results/intfloat__e5/c0ffee/Tatoeba.json" in mteb_files(run, Registry())[0]


def test_a_run_without_any_of_it_is_refused() -> None:
    with pytest.raises(UserError, match="has nothing that MTEB measures"):
        mteb_files(tatoeba_run({"de": 6}), Registry())


def test_mteb_loads_it(tmp_path: Path) -> None:
    mteb = pytest.importorskip("mteb", reason=WHY)
    run = tatoeba_run(dict(Registry().task("tatoeba").published))
    for name, content in mteb_files(run, Registry())[0].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    result = mteb.TaskResult.from_disk(next(tmp_path.rglob("Tatoeba.json")))
    assert (result.task_name, len(result.hf_subsets)) == ("Tatoeba", 41)
    assert result.get_score() == pytest.approx(0.5, abs=1e-3)  # half of an odd number is rounded down
    theirs = mteb.get_task("Tatoeba").metadata.hf_subsets_to_langscripts
    assert {each["hf_subset"]: each["languages"] for each in result.scores["test"]}.items() <= theirs.items()
    described = next(tmp_path.rglob("model_meta.json")).read_text(encoding="utf-8")
    meta = pytest.importorskip("mteb.models.model_meta").ModelMeta.model_validate_json(described)
    assert meta.name == "local/mine"
    (found,) = mteb.ResultCache(tmp_path).load_results(tasks=["Tatoeba"], require_model_meta=False).model_results
    assert (found.model_name, len(found.task_results)) == ("local/mine", 1)


def test_names_are_those_of_mteb() -> None:
    mteb = pytest.importorskip("mteb", reason=WHY)
    for task in TASKS:
        metadata = mteb.get_task(task.name).metadata
        assert metadata.main_score == task.main
        ours = {task.subset(code) for code in Registry().task(task.ours).languages}
        assert ours <= set(metadata.hf_subsets_to_langscripts)
