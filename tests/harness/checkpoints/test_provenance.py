"""Provenance: every phase remembers the ones before it, and nothing that is broken passes for whole."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from xharness.checkpoints.checkpoint import inspect
from xharness.checkpoints.provenance import (
    FILE,
    chain,
    changed,
    doubt,
    is_traced,
    read,
    seen_by,
    tasks_of,
    versions,
    write_provenance,
)
from xharness.tasks.common.errors import UserError


def phase(folder: Path, tiny: Tiny, parent: Path | None, *tasks: str, **values: Any) -> Path:
    """A checkpoint that says it was trained on ``tasks``, its weights those of a tiny model."""
    shutil.copytree(tiny("bert", "encoder", seed=len(tasks)), folder)
    facts: dict[str, Any] = {
        "recipe": {"name": "reference", "seed": 7},
        "mixture": None,
        "data": {task: {"files": 1, "sha256": "00", "examples": 9, "units": 10} for task in tasks},
        "select": {"on": "English dev", "metric": "accuracy", "best": 71.5, "step": 300},
        "pooler": "loaded",
        "identity": {"where": None},
    }
    write_provenance(folder, tasks=tasks, parent=inspect(parent) if parent else None, **facts | values)
    return folder


@pytest.fixture
def pretrained(tmp_path: Path, tiny: Tiny) -> Path:
    return Path(shutil.copytree(tiny("bert", "encoder"), tmp_path / "pretrained model"))


def test_a_chain_of_three(tmp_path: Path, tiny: Tiny, pretrained: Path) -> None:
    first = phase(tmp_path / "1", tiny, pretrained, "squad_v1")
    second = phase(tmp_path / "2", tiny, first, "mnli", "qqp", mixture={"strategy": "capped"})
    third = phase(tmp_path / "3", tiny, second, "xnli")
    assert chain(pretrained) == ["pretrained"]
    assert chain(third) == ["pretrained", "squad_v1", "mnli+qqp", "xnli"]
    record = read(third)
    assert record is not None
    assert record == inspect(third).provenance
    (parent,) = record["parents"]
    assert (parent["path"], parent["fingerprint"]) == (str(second), inspect(second).fingerprint)
    assert parent["provenance"] == read(second)
    (grandparent,) = parent["provenance"]["parents"]
    (root,) = grandparent["provenance"]["parents"]
    assert root == {"path": str(pretrained), "fingerprint": inspect(pretrained).fingerprint, "provenance": None}
    shutil.rmtree(first)
    shutil.rmtree(second)
    assert chain(third) == ["pretrained", "squad_v1", "mnli+qqp", "xnli"]


def test_what_is_written(tmp_path: Path, tiny: Tiny, pretrained: Path) -> None:
    record = read(phase(tmp_path / "1", tiny, pretrained, "xnli"))
    assert record is not None
    assert list(record) == [
        "format", "phase", "task", "parents", "recipe", "mixture", "seed", "data", "select", "zero_shot", "seen",
        "pooler", "identity", "processes", "threads", "versions", "created", "files", "sha256",
    ]  # fmt: skip
    assert (record["format"], record["task"], record["seed"], record["zero_shot"]) == (2, "xnli", 7, True)
    assert record["data"] == {"xnli": {"files": 1, "sha256": "00", "examples": 9, "units": 10}}
    assert record["select"] == {"on": "English dev", "metric": "accuracy", "best": 71.5, "step": 300}
    mixed = read(phase(tmp_path / "2", tiny, pretrained, "xnli", "pawsx", mixture={"cap": 3}))
    assert mixed is not None
    assert "task" not in mixed
    assert (tasks_of(mixed), mixed["mixture"], tasks_of(record)) == (["xnli", "pawsx"], {"cap": 3}, ["xnli"])


def test_the_file_changes_no_fingerprint(tmp_path: Path, tiny: Tiny, pretrained: Path) -> None:
    made = phase(tmp_path / "1", tiny, pretrained, "xnli")
    before = inspect(made).fingerprint
    (made / FILE).unlink()
    assert inspect(made).fingerprint == before


def test_what_has_seen_other_languages_never_is_zero_shot_again(tmp_path: Path, tiny: Tiny, pretrained: Path) -> None:
    first = phase(tmp_path / "1", tiny, pretrained, "xnli", seen=["xnli was chosen on dev in de"])
    second = phase(tmp_path / "2", tiny, first, "squad_v1")
    third = phase(tmp_path / "3", tiny, second, "pawsx")
    assert [(read(folder) or {})["zero_shot"] for folder in (first, second, third)] == [False, False, False]
    assert seen_by(read(third)) == ["xnli was chosen on dev in de"]
    record = {**(read(third) or {}), "seen": []}  # as earlier versions wrote it
    assert seen_by(record) == ["an earlier phase has seen other languages"]
    assert seen_by(read(phase(tmp_path / "4", tiny, pretrained, "xnli"))) == []


def test_a_model_trained_from_nothing(tmp_path: Path, tiny: Tiny) -> None:
    first = phase(tmp_path / "1", tiny, None, "mlm")
    assert (read(first) or {})["parents"] == []
    assert chain(phase(tmp_path / "2", tiny, first, "xnli")) == ["mlm", "xnli"]


def test_versions() -> None:
    from importlib.metadata import version

    assert versions()["torch"] == version("torch")
    assert list(versions())[:2] == ["xharness", "python"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": 3}, "its format is 3"),
        ({"format": None}, "its format is None"),
        ({"zero_shot": "yes"}, "zero_shot"),
        ({"task": 3}, "lacks tasks"),
        ({"parents": [{"path": "x"}]}, "parents"),
        ({"parents": {}}, "parents"),
        ({"parents": [{"provenance": {"task": "xnli"}}]}, "a parent's"),
        ({"parents": [{"provenance": []}]}, "a parent's"),
    ],
)
def test_a_broken_file_is_told(tmp_path: Path, tiny: Tiny, pretrained: Path, change: dict[str, Any], says: str) -> None:
    made = phase(tmp_path / "1", tiny, pretrained, "xnli")
    record = json.loads((made / FILE).read_text("utf-8"))
    (made / FILE).write_text(json.dumps(record | change), "utf-8")
    for refused in (read, chain):
        with pytest.raises(UserError) as caught:
            refused(made)
        assert says in str(caught.value)
    with pytest.raises(UserError):
        phase(tmp_path / "2", tiny, made, "pawsx")


def test_broken_json_and_no_file(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    (tmp_path / FILE).write_text("{")
    with pytest.raises(UserError, match="cannot read"):
        read(tmp_path)


@pytest.mark.parametrize("module", ["train.recipes", "train.mixture", "checkpoints.provenance"])
def test_what_needs_no_torch_imports_none(module: str) -> None:
    code = f"import sys, xharness.{module}; sys.exit(bool({{'torch', 'transformers'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_checkpoint_that_was_changed_since_is_not_the_one_described(
    tmp_path: Path, tiny: Tiny, pretrained: Path
) -> None:
    made = phase(tmp_path / "1", tiny, pretrained, "xnli")
    assert (changed(inspect(made)), doubt(inspect(made))) == ([], "")
    assert changed(inspect(pretrained)) is None and doubt(inspect(pretrained)) == ""
    shutil.copy(tiny("bert", "encoder", seed=9) / "model.safetensors", made)
    (made / "special_tokens_map.json").write_text("{}")  # one that was not there, or another than was there
    assert changed(inspect(made)) == ["model.safetensors", "special_tokens_map.json"]
    assert doubt(inspect(made)).endswith("changed since: model.safetensors, special_tokens_map.json")
    child = read(phase(tmp_path / "2", tiny, made, "panx"))
    assert child is not None
    assert child["parents"][0]["changed"] == ["model.safetensors", "special_tokens_map.json"]
    assert not is_traced({"provenance": child})
    known = {**(read(made) or {}), "parents": []}
    assert is_traced({"provenance": known}) and not is_traced({"provenance": known, "changed": ["x"]})


def test_what_a_model_has_seen_is_known_from_a_start_that_is_known(
    tmp_path: Path, tiny: Tiny, pretrained: Path
) -> None:
    record = read(phase(tmp_path / "1", tiny, pretrained, "xnli")) or {}
    assert not is_traced({"provenance": record}), "of its start nothing is known"
    fetched = {**record["parents"][0], "hub": {"id": "xlm-roberta-base", "revision": "0"}}
    assert is_traced({"provenance": {**record, "parents": [fetched]}})
    for name, expected in {
        "FacebookAI/xlm-roberta-large": True,
        "intfloat/multilingual-e5-small": False,
        "": False,
    }.items():
        assert is_traced({"provenance": None, "hub": {"id": name}}) is expected


def test_an_edited_file_and_one_of_before_there_were_hashes(tmp_path: Path, tiny: Tiny, pretrained: Path) -> None:
    made = phase(tmp_path / "1", tiny, pretrained, "xnli")
    record = json.loads((made / FILE).read_text("utf-8"))
    (made / FILE).write_text(json.dumps({**record, "seed": 8}), "utf-8")
    assert changed(inspect(made)) == [FILE]
    old = {name: value for name, value in record.items() if name not in ("phase", "files", "sha256")}
    (made / FILE).write_text(json.dumps({**old, "format": 1}), "utf-8")
    assert changed(inspect(made)) is None
    assert doubt(inspect(made)).startswith("not verified")
    (made / FILE).write_text(json.dumps(old), "utf-8")  # of format 2, so that hashes were taken out
    assert FILE in (changed(inspect(made)) or [])
