"""Ids in place of folders: what they mean, where they are found, and that every command takes them offline."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.harness.conftest import Call, Demo
from xharness.checkpoints.checkpoint import find
from xharness.checkpoints.hub import HubModel, locate, origin, parse
from xharness.checkpoints.provenance import read
from xharness.tasks.common.errors import UserError

COMMIT, OTHER = "a" * 40, "b" * 40


def store(cache: Path, name: str, source: Path, commit: str = COMMIT, *, ref: str | None = "main") -> Path:
    """A model in the cache, as a download leaves it."""
    repository = cache / f"models--{name.replace('/', '--')}"
    folder = repository / "snapshots" / commit
    shutil.copytree(source, folder)
    if ref:
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs" / ref).write_text(commit)
    return folder


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        ("xlm-roberta-large", ("xlm-roberta-large", None)),
        ("microsoft/infoxlm-base@refs/pr/3", ("microsoft/infoxlm-base", "refs/pr/3")),
        ("a/b/c", None),
        ("/tmp/ckpt", None),
        ("../ckpt", None),
        ("my model", None),
    ],
)
def test_what_can_be_an_id(spelt: str, meant: tuple[str, str | None] | None) -> None:
    assert parse(spelt) == meant


def test_an_id_is_the_cached_snapshot(cache: Path, tiny: Tiny) -> None:
    source = tiny("bert", "encoder")
    main = store(cache, "org/name", source)
    old = store(cache, "org/name", source, OTHER, ref=None)
    assert locate(Path("org/name")) == main
    assert locate(Path(f"org/name@{OTHER}")) == old
    (found,) = find(Path("org/name")).values()
    assert found.hub == HubModel("org/name", COMMIT)
    assert found.name == "org/name"
    assert found.fingerprint == find(source)[""].fingerprint
    assert origin(source) is None


def test_a_folder_goes_before_an_id(cache: Path, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(cache, "org/name", tiny("bert", "encoder"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "org" / "name").mkdir(parents=True)
    assert locate(Path("org/name")) == Path("org/name")


def test_what_is_not_there_is_to_be_fetched(cache: Path, tiny: Tiny) -> None:
    def said(name: str) -> str:
        with pytest.raises(UserError) as error:
            find(Path(name))
        return str(error.value)

    assert said("org/name@v2") == (
        "no checkpoint at org/name@v2\n"
        f"  why: there is no such folder, and no fetched model org/name@v2 in {cache}\n"
        "  fix: check the path, or fetch the model: xharness models fetch org/name --revision v2"
    )
    store(cache, "org/name", tiny("bert", "encoder"), ref=None)
    assert f"(it has revision {COMMIT})" in said("org/name")
    assert said("org/name").endswith(f"xharness models fetch org/name; or --model org/name@{COMMIT}")


def test_evaluate_takes_an_id(cache: Path, demo: Demo, tmp_path: Path, call: Call) -> None:
    store(cache, "org/xnli", demo.models / "xnli")
    run = tmp_path / "run"
    options = ("--data", demo.data, "--tasks", "xnli", "--langs", "de", "--resamples", 0, "--quiet")
    assert call("evaluate", "--model", "org/xnli", "--out", run, *options).code == 0
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["model"]["model"]["hub"] == {"id": "org/xnli", "revision": COMMIT}
    same = call("evaluate", "--model", demo.models / "xnli", "--out", run, *options)
    assert same.code == 0, "the content is the same, so the run is the same"


def test_finetune_remembers_the_revision(cache: Path, demo: Demo, tmp_path: Path, call: Call) -> None:
    store(cache, "org/encoder", demo.models / "encoder")
    out = tmp_path / "ckpt"
    options = ("--task", "xnli", "--data", demo.data, "--set", "steps=1", "--quiet")
    assert call("finetune", "--model", "org/encoder", "--out", out, *options).code == 0
    record = read(out)
    assert record
    assert record["parents"][0]["hub"] == {"id": "org/encoder", "revision": COMMIT}


def test_the_chain_starts_from_an_id(cache: Path, demo: Demo, tmp_path: Path, call: Call) -> None:
    snapshot = store(cache, "org/encoder", demo.models / "encoder")
    options = ("--data", demo.data, "--targets", "xnli", "--set", "steps=1", "--allow-incomplete")
    called = call("benchmark", "--model", "org/encoder", "--out", tmp_path / "out", *options)
    assert called.code == 0, called.err
    (encoder,) = (tmp_path / "out" / "suites").glob("*/encoder")
    assert encoder.resolve() == snapshot.resolve()
