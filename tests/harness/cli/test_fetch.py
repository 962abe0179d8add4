"""``data fetch``, ``data check``, ``evaluate`` from an empty folder, with a host on this machine for the internet."""

# ruff: noqa: F811 (fixtures are parameters of the names under which they are imported)

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo
from tests.harness.fetch.double import Double, parquet
from tests.harness.fetch.fixtures import double, loopback, world  # noqa: F401
from tests.harness.fetch.world import publish

NOT_XTREME = ("text/", "intermediate/")


def tree(folder: Path) -> dict[str, str]:
    """Hash of every file by path."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".fetch.lock")
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_from_nothing_to_scores(call: Call, demo: Demo, double: Double, world: dict[str, str], tmp_path: Path) -> None:
    publish(world, double)
    data = tmp_path / "data"
    called = call("data", "fetch", "xtreme", "--data", data, "--accept-changed")
    assert called.code == 0, called.err
    for path, text in world.items():
        if path.startswith(NOT_XTREME) or path.endswith("en.train.json"):
            continue
        made = (data / path).read_bytes()
        assert json.loads(made) == json.loads(text) if path.endswith(".json") else made == text.encode(), path
    assert "trusted: no published hash vouches for these" in called.out
    assert "accepted: these are not the published files" in called.out
    assert "udpos af ar bg" in called.out
    again = len(double.asked)
    repeated = call("data", "fetch", "xtreme", "--data", data, "--accept-changed")
    assert "173 parts were there already, and unchanged" in repeated.out
    assert len(double.asked) == again
    whole = tree(data)

    double.cut_all_once = True
    other = tmp_path / "other"
    cut = call("data", "fetch", "xtreme", "--data", other, "--accept-changed", "--cache", tmp_path / "cache2")
    assert cut.code == 0, cut.err
    assert len(double.cut) > 140
    assert any(asked for *_, asked in double.asked)
    assert tree(other) == whole

    assert "every file that was fetched is unchanged" in call("data", "check", "--data", data).out
    checked = call("data", "check", "--data", data, "--json")
    assert (checked.code, json.loads(checked.out)["problems"]) == (0, [])
    run = (
        "evaluate",
        "--model",
        demo.models,
        "--device",
        "cpu",
        "--tasks",
        "xnli,udpos",
        "--langs",
        "de,sw",
        "--resamples",
        0,
    )
    assert call(*run, "--data", data, "--out", tmp_path / "run", "--quiet").code == 0
    assert call(*run, "--data", demo.data, "--out", tmp_path / "run2", "--quiet").code == 0
    assert tree(tmp_path / "run" / "predictions") == tree(tmp_path / "run2" / "predictions")


def test_offline_is_told_in_three_lines(
    call: Call, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    called = call("data", "fetch", "xquad", "panx", "--data", tmp_path / "d", "--mirror", "http://127.0.0.1:9")
    assert called.code == 1
    what, why, fix = called.err.strip().splitlines()[-3:]
    assert what.startswith("error: 52 of 52 parts could not be fetched: panx/")
    assert "127.0.0.1:9 cannot be reached" in why
    assert "connect this machine" in fix
    assert not (tmp_path / "d" / "download").exists()


def test_a_file_that_is_not_the_known_one_is_named_once(
    call: Call, double: Double, world: dict[str, str], tmp_path: Path
) -> None:
    publish(world, double)
    called = call("data", "fetch", "mlqa", "--data", tmp_path / "d")
    assert called.code == 1
    assert called.err.count("MLQA_V1.zip is not the known file") == 2  # when it happens, and at the end
    assert "--accept-changed takes files that their authors changed" in called.err


def test_what_cannot_be_fetched_and_what_does_not_exist(call: Call, double: Double, tmp_path: Path) -> None:
    ccg = call("data", "fetch", "ccg", "--data", tmp_path / "d")
    assert (ccg.code, "its licence" in ccg.err, "DATA/intermediate/ccg/" in ccg.err) == (1, True, True)
    assert "mewsli-x.md" in call("data", "fetch", "mewslix/de", "--data", tmp_path / "d").err
    assert "did you mean 'udpos'?" in call("data", "fetch", "udpoz").err
    assert "unknown language 'xx'" in call("data", "fetch", "udpos", "--langs", "xx").err
    assert "nothing at nowhere" in call("data", "fetch", "--from", "nowhere", "--data", tmp_path / "d").err
    assert not double.asked


def test_the_plan_asks_nobody(call: Call, double: Double, tmp_path: Path) -> None:
    called = call("data", "fetch", "all", "--plan", "--data", tmp_path / "d")
    assert called.code == 0
    for words in ("11234/1-3105", "355.2 MB", "published hash", "CC BY-NC 4.0", "supplied manually: AmazonPhotos.zip"):
        assert words in called.out
    assert "Swiss German" in called.out
    assert "nothing was fetched" in called.out
    assert not double.asked
    assert not (tmp_path / "d").exists()


def test_a_gone_source_is_named_and_the_next_one_tried(
    call: Call, double: Double, world: dict[str, str], tmp_path: Path
) -> None:
    root = json.loads(world["labels/xquad/test-de.json"])
    asked = [(p["context"], q) for a in root["data"] for p in a["paragraphs"] for q in p["qas"]]
    answers = [
        {"text": [a["text"] for a in q["answers"]], "answer_start": [a["answer_start"] for a in q["answers"]]}
        for _, q in asked
    ]
    columns = {"id": [q["id"] for _, q in asked], "context": [c for c, _ in asked]}
    columns |= {"question": [q["question"] for _, q in asked], "answers": answers}
    double.add("google/xquad", "xquad.de/validation-00000-of-00001.parquet", parquet(columns))
    data = tmp_path / "d"
    called = call("data", "fetch", "xquad/de", "--data", data)
    assert called.code == 0, called.err
    assert "xquad.de.json is gone (404 Not Found); trying the next source" in called.err.replace("\n", " ")
    assert "xquad: 1 part from hub" in called.out
    blanked = json.loads((data / "download/xquad/xquad.de.json").read_text())
    assert blanked == json.loads(world["download/xquad/xquad.de.json"])
    manifest = json.loads((data / "fetched.json").read_text())
    assert manifest["parts"]["xquad/de"]["origin"] == "hub"
    source = manifest["sources"]["hub:google/xquad/xquad.de/validation"]
    assert source["basis"] == "pinned commit"


def test_changed_and_missing_files_are_named_by_check(
    call: Call, double: Double, world: dict[str, str], tmp_path: Path
) -> None:
    publish(world, double)
    data = tmp_path / "d"
    assert call("data", "fetch", "tatoeba", "--langs", "de,fr", "--data", data, "--accept-changed").code == 0
    (data / "download/tatoeba/de-en.de").write_text("x\n" * 6)
    (data / "labels/tatoeba/test-fr.tsv").unlink()
    called = call("data", "check", "--data", data, "--tasks", "tatoeba", "--quiet")
    assert called.code == 1
    assert f"{data}/download/tatoeba/de-en.de: changed since it was fetched" in called.out
    assert f"{data}/labels/tatoeba/test-fr.tsv: is missing; it was fetched (upstream)" in called.out
    assert call("data", "fetch", "tatoeba", "--langs", "de,fr", "--data", data, "--accept-changed").code == 0
    assert call("data", "check", "--data", data, "--quiet").code == 0


def test_an_existing_folder_and_an_archive_of_it(call: Call, demo: Demo, tmp_path: Path, double: Double) -> None:
    archive = tmp_path / "disk.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for part in ("download", "labels"):
            packed.add(demo.data / part, arcname=f"data/{part}")
    for name, origin in (("one", demo.data / "download"), ("two", demo.data), ("three", archive)):
        data = tmp_path / name
        called = call("data", "fetch", "xtreme", "--from", origin, "--data", data)
        assert called.code == 0, called.err
        assert called.out.startswith("xnli: 16 parts from folder")
        made, given = tree(data), tree(demo.data)
        assert made.pop("fetched.json")
        assert made == {path: value for path, value in given.items() if path in made}
        absent = {path for path in given if path not in made and not path.startswith(NOT_XTREME)}
        assert absent == {"made.json"}
        assert call("data", "check", "--data", data, "--quiet").code == 0
        assert "12 parts were there already" in call("data", "fetch", "xquad", "--data", data).out
    assert not double.asked


def test_published_files_on_a_disk(call: Call, double: Double, world: dict[str, str], tmp_path: Path) -> None:
    publish(world, double)
    disk = tmp_path / "disk"
    disk.mkdir()
    for url, content in double.files.items():
        (disk / url.rpartition("/")[2]).write_bytes(content)
    arguments = ("data", "fetch", "xnli,tatoeba,udpos", "--langs", "de", "--accept-changed")
    assert call(*arguments, "--from", disk, "--data", tmp_path / "a").code == 0
    assert not double.asked
    assert call(*arguments, "--data", tmp_path / "b").code == 0
    first, second = tree(tmp_path / "a"), tree(tmp_path / "b")
    assert first == second
    archive = disk / "ud-treebanks-v2.5.tgz"
    single = call("data", "fetch", "udpos", "--from", archive, "--accept-changed", "--data", tmp_path / "c", "--quiet")
    assert (single.code, len(tree(tmp_path / "c"))) == (0, 33 * 2 + 2 + 1)
    refused = call("data", "fetch", "udpos/de", "--from", archive, "--data", tmp_path / "e")
    assert refused.code == 1


def test_files_of_ones_own_are_not_overwritten(
    call: Call, double: Double, world: dict[str, str], tmp_path: Path
) -> None:
    publish(world, double)
    own = tmp_path / "d" / "download" / "tatoeba" / "de-en.de"
    own.parent.mkdir(parents=True)
    own.write_text("mine\n")
    arguments = ("data", "fetch", "tatoeba/de", "--data", tmp_path / "d", "--accept-changed")
    called = call(*arguments)
    assert (called.code, f"{own} is in the way" in called.err, own.read_text()) == (1, True, "mine\n")
    assert call(*arguments, "--overwrite").code == 0
    assert own.read_text() == world["download/tatoeba/de-en.de"]


def test_killed_at_any_moment(double: Double, world: dict[str, str], tmp_path: Path) -> None:
    publish(world, double)
    environment = {**os.environ, "HF_HUB_OFFLINE": "0", "XHARNESS_CACHE": str(tmp_path / "cache")}
    code = "import sys; from xharness.cli import main; sys.argv[0] = 'xharness'; main()"

    def start(data: Path) -> subprocess.Popen[bytes]:
        arguments = ["data", "fetch", "xnli,tatoeba,bucc2018", "--accept-changed", "--quiet", "--data", str(data)]
        return subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment)

    killed = 0
    for after in range(4):
        process = start(tmp_path / "killed")
        seen = len(double.asked)
        deadline = time.monotonic() + 20
        while process.poll() is None and len(double.asked) < seen + 1 + after * 11 and time.monotonic() < deadline:
            time.sleep(0.002)
        if process.poll() is None:
            process.kill()
            killed += 1
        process.wait()
    assert killed
    assert start(tmp_path / "killed").wait() == 0
    environment["XHARNESS_CACHE"] = str(tmp_path / "cache2")
    assert start(tmp_path / "whole").wait() == 0
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")
